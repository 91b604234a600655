/** What may be sent to the controls. Each function returns what is in a body, or throws the problem with it. */
import { fieldsProblem } from '@rideflow/shared/http/fields.ts';
import { Problem } from '@rideflow/shared/http/problem.ts';
import { CustomerId, PaymentToken } from '@rideflow/shared/messages.ts';
import { type KindName, kinds } from '@rideflow/shared/poison.ts';
import { type TopicName, topics } from '@rideflow/shared/topics.ts';
import { z } from 'zod';
import type { MailFault } from '../protocol.ts';

const reading =
  <T>(what: string, schema: z.ZodType<T>) =>
  (body: unknown): T => {
    const read = schema.safeParse(body ?? {});
    if (read.success) return read.data;
    throw fieldsProblem(`This does not say ${what}`, read.error, body ?? {});
  };

const names = <T extends string>(table: Record<T, unknown>) => z.enum(Object.keys(table) as [T, ...T[]]);

export const book = reading(
  'which ride to book',
  z.strictObject({ customer_id: CustomerId.optional(), payment_token: PaymentToken.optional() }),
);

/** `rate`: rides per second. */
export const stream = reading(
  'which stream of rides to book',
  z.strictObject({ rate: z.number().min(1).max(2000), keys: z.boolean() }),
);

/** The id of one process; by default all are asked, or any. */
const process = z.string().max(100).optional();

/** `delay`: milliseconds per message. */
export const pace = reading(
  'which pace to take',
  z.strictObject({ delay: z.int().min(0).max(5000), paused: z.boolean(), step: z.boolean(), process }),
);

export const step = reading('which process to step', z.strictObject({ process }));

export const crash = reading('where to crash', z.strictObject({ at: z.string().max(100), process }));

export const frozen = reading('which process to freeze', z.strictObject({ process: z.string().max(100) }));

/** `before`: the first offset that is kept. */
export const expire = reading(
  'which messages to delete',
  z.strictObject({
    topic: names<TopicName>(topics),
    partition: z.int().min(0),
    before: z.int().min(0),
  }),
);

const mailFaults: readonly MailFault[] = ['none', 'later', 'never', 'hang', 'breakOff'];
export const mail = reading('which fault to have', z.strictObject({ fault: z.enum(mailFaults) }));

export const poison = reading(
  'which message to write',
  z.strictObject({
    kind: names<KindName>(kinds),
    topic: names<TopicName>(topics).default('ride_details'),
  }),
);

export const guarantee = reading('which guarantee to give', z.strictObject({ guarantee: z.string() }));

const coordinates = z.array(z.string().max(300)).min(1).max(10_000);
const bytes = z.union([
  z.strictObject({ text: z.string() }).transform(({ text }) => Buffer.from(text)),
  z.strictObject({ base64: z.base64() }).transform(({ base64 }) => Buffer.from(base64, 'base64')),
]);

/** `edit`: the value instead of the original, for one dead letter; `again`: also what was settled before. */
export const replay = reading(
  'which dead letters to replay',
  z
    .strictObject({ coordinates, edit: bytes.optional(), again: z.boolean().default(false) })
    .refine(({ coordinates, edit }) => !edit || coordinates.length === 1, {
      path: ['edit'],
      message: 'is for one dead letter alone',
    }),
);

export const drop = reading('which dead letters to drop', z.strictObject({ coordinates }));

/** The query parameter `how`. */
export function how(value: unknown): 'stop' | 'kill' {
  if (value === undefined || value === 'stop') return 'stop';
  if (value === 'kill') return value;
  const detail = 'must be stop or kill';
  throw new Problem(400, `The parameter how ${detail}.`, { errors: [{ parameter: 'how', detail }] });
}
