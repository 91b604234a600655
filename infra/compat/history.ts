/** The published schemas of the messages in shared/schemas, and those of the current code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RideConfirmed, RideDetails } from '@rideflow/shared/messages.ts';
import { tolerant } from '@rideflow/shared/reading.ts';
import type { TopicName } from '@rideflow/shared/topics.ts';
import { z } from 'zod';

export type Schema = Record<string, unknown>;

/** A message as stored on a topic. */
export interface Golden {
  /** What the example shows. */
  name: string;
  key: string;
  value: Record<string, unknown>;
}

/** What one version of the code writes and can read. */
export interface Version {
  number: number;
  /** Closed: it allows what our writers write, and nothing else. */
  writer: Schema;
  /** Open: it allows what our readers accept, unknown fields included. */
  reader: Schema;
  golden: Golden[];
}

/** By message: its topic, and the services that read it. */
export const messages = {
  RideDetails: { topic: 'ride_details', readers: 'transaction and rides' },
  RideConfirmed: { topic: 'ride_confirmed', readers: 'email, analytics and rides' },
} as const satisfies Record<string, { topic: TopicName; readers: string }>;
export type MessageName = keyof typeof messages;
export const messageNames = Object.keys(messages) as MessageName[];

export const schemasFolder = join(import.meta.dirname, '../../shared/schemas');
export const fileOf = (message: MessageName, version: number, kind: '' | 'reader' | 'golden', root: string) =>
  join(root, message, `v${version}${kind && `.${kind}`}.json`);

/** Every published version of a message, oldest first. @throws Error when one is incomplete or not JSON */
export function published(message: MessageName, root = schemasFolder): Version[] {
  const folder = join(root, message);
  const numbers = (existsSync(folder) ? readdirSync(folder) : [])
    .flatMap((name) => /^v(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  return numbers.map((number) => {
    const load = (kind: '' | 'reader' | 'golden') =>
      JSON.parse(readFileSync(fileOf(message, number, kind, root), 'utf8'));
    return { number, writer: load(''), reader: load('reader'), golden: load('golden') };
  });
}

/** The schemas of the current code. */
export function current(message: MessageName): { writer: Schema; reader: Schema } {
  const writer = message === 'RideDetails' ? RideDetails : RideConfirmed;
  const reader = plain(tolerant[messages[message].topic]);
  return { writer: plain(writer), reader: { ...reader, required: withoutDefault[message] } };
}

/** The fields that a reader requires. It has a default for every other field. */
const withoutDefault: Record<MessageName, string[]> = {
  RideDetails: ['customer_id'],
  RideConfirmed: ['customer_id', 'alloted_driver', 'pickup_time'],
};

/**
 * As its file has it: without descriptions, so a better description is not a new version, and with schemas inlined instead of
 * references.
 */
const plain = (schema: z.ZodType): Schema =>
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', metadata: z.registry() })));
