/**
 * Checks whether readers and writers of different versions understand each other. A published schema is closed and a reader is
 * tolerant, so each has its role: the open view of a *reader* must accept what a *writer* can write. Comparing two closed
 * schemas would report a new optional field as a break, although it is not one.
 */
import { type RawRecord, read } from '@rideflow/shared/reading.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { arbitraryOf } from './arbitrary.ts';
import { current, type MessageName, messages, type Schema, type Version } from './history.ts';
import { knownFor } from './known-breaks.ts';

/** Why a version cannot run together with another one, with a message that shows it. */
export interface Break {
  message: MessageName;
  rule: Rule;
  /** The published version that is incompatible with the current code. */
  version: number;
  reader: string;
  writer: string;
  /** JSON pointer of the rejected field; empty: the whole message. */
  path: string;
  /** The error of the reader. */
  why: string;
  /** The smallest failing message. */
  counterexample: unknown;
}
/** `replay`: today's readers, a version's writers. `rolling upgrade`: a version's readers, today's writers. */
export type Rule = 'replay' | 'rolling upgrade';

/** The number of random messages for each pair of writer and reader, in addition to the golden ones. */
const tries = 300;
/** The seed, so results are repeatable. */
const seed = 1;

/** Every break between the published versions of a message and the current code. */
export function judge(message: MessageName, versions: Version[], now = current(message)): Break[] {
  const { readers } = messages[message];
  return versions.flatMap(({ number: version, writer, reader, golden }) => {
    const values = golden.map(({ value }) => value);
    const pairs = [
      {
        rule: 'replay' as const,
        reader: `${readers}, as they are now`,
        writer: `version ${version}`,
        found: refused(writer, values, 'replay', (value) => refusalNow(message, value)),
      },
      {
        rule: 'rolling upgrade' as const,
        reader: `${readers}, of version ${version}`,
        writer: 'the code as it is now',
        found: refused(now.writer, [], 'rolling upgrade', refusalOf(reader)),
      },
    ];
    return pairs.flatMap(({ found, ...pair }) => (found ? [{ message, version, ...pair, ...found }] : []));

    function refused(schema: Schema, golden: unknown[], rule: Rule, refusal: Judgement) {
      const known = knownFor({ message, rule, version });
      const judged = (value: unknown) =>
        !known.some(({ concerns }) => concerns(value as Record<string, unknown>));
      const holds = (value: unknown) => !judged(value) || refusal(value) === null;
      const counterexample =
        golden.find((value) => !holds(value)) ??
        fc.check(fc.property(arbitraryOf(schema), holds), { numRuns: tries, seed }).counterexample?.[0];
      const said = counterexample === undefined ? null : refusal(counterexample);
      return said && { ...said, counterexample };
    }
  });
}

/** The field that a reader rejects, and why; null: it accepts the message. */
type Judgement = (value: unknown) => { path: string; why: string } | null;

/** A record with this message, as Kafka gives it to a reader. */
export const recordOf = (value: unknown): RawRecord => ({
  key: null,
  value: Buffer.from(JSON.stringify(value)),
  offset: '0',
  timestamp: '1700000000000',
});

/** The verdict of the readers in this code. */
function refusalNow(message: MessageName, value: unknown): ReturnType<Judgement> {
  try {
    read(messages[message].topic, 0, recordOf(value));
    return null;
  } catch (error) {
    const why = (error as Error).message;
    return { path: `/${why.split(':')[0]?.replaceAll('.', '/')}`, why };
  }
}

/** The verdict of the stored view of a reader. */
function refusalOf(reader: Schema): Judgement {
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(reader);
  return (value) => {
    if (check(value)) return null;
    const [error] = check.errors ?? [];
    return { path: error?.instancePath ?? '', why: error?.message ?? 'is refused' };
  };
}
