/**
 * A broker refuses a record whose time is too far from its own. kafkajs says no more than that: it asks in version 7 of Produce, and the
 * broker's own words, which tell its clock, are in the answers of version 8. The request is the same in both.
 */
import { createRequire } from 'node:module';

interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readString(): string | null;
  readArray<T>(read: (decoder: Decoder) => T): T[];
}
interface PartitionAnswer {
  errorCode: number;
  recordErrors: { message: string | null }[];
}
interface Definition {
  versions: string[];
  protocol(of: { version: number | string }): (options: object) => { request: object; response: object };
}

const require = createRequire(import.meta.url);
const produce = require('kafkajs/src/protocol/requests/produce') as Definition;
const DecoderOfKafkajs = require('kafkajs/src/protocol/decoder') as new (data: Buffer) => Decoder;
const { createErrorFromCode, failure } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): Error;
  failure(code: number): boolean;
};

const partition = (from: Decoder) => ({
  partition: from.readInt32(),
  errorCode: from.readInt16(),
  baseOffset: from.readInt64().toString(),
  logAppendTime: from.readInt64().toString(),
  logStartOffset: from.readInt64().toString(),
  recordErrors: from.readArray(() => ({ index: from.readInt32(), message: from.readString() })),
  errorMessage: from.readString(),
});

const response = {
  async decode(data: Buffer) {
    const from = new DecoderOfKafkajs(data);
    const topics = from.readArray(() => ({
      topicName: from.readString(),
      partitions: from.readArray(partition),
    }));
    return { topics, throttleTime: 0, clientSideThrottleTime: from.readInt32() };
  },
  async parse<T extends { topics: { partitions: PartitionAnswer[] }[] }>(answer: T): Promise<T> {
    const failed = answer.topics
      .flatMap(({ partitions }) => partitions)
      .find(({ errorCode }) => failure(errorCode));
    if (!failed) return answer;
    const error = createErrorFromCode(failed.errorCode);
    const said = failed.recordErrors[0]?.message;
    if (said) error.message = inWords(said) ?? error.message;
    throw error;
  },
};

const { protocol } = produce;
produce.versions.push('8');
produce.protocol = ({ version }) =>
  Number(version) === 8
    ? (options) => ({
        request: Object.assign(protocol({ version: 7 })(options).request, { apiVersion: 8 }),
        response,
      })
    : protocol({ version });

/** Where `message.timestamp.before.max.ms` is this, its default, the earliest time that is accepted tells the broker's clock. */
const noLimit = 2n ** 63n - 1n;

/** What a broker says of a time that it refuses, with both clocks where it tells its own; null where it speaks of something else. */
export function inWords(said: string): string | null {
  const [, time, from, to] = /^Timestamp (\d+) of message .* within \[(-?\d+), (-?\d+)\]/.exec(said) ?? [];
  if (time === undefined || from === undefined || to === undefined) return null;
  const ours = Number(time);
  const begins = `Kafka refuses the time of the message: the clock of this machine says ${asTime(ours)}`;
  const theirs = Number(BigInt(from) + noLimit);
  // What is no time of our age comes from another limit than the default.
  if (BigInt(from) >= 0n || theirs > Number(to))
    return `${begins}, and Kafka accepts ${asTime(Number(from))} to ${asTime(Number(to))}. Set the clock that is wrong`;
  const difference = `${asDuration(Math.abs(ours - theirs))} ${ours > theirs ? 'ahead' : 'behind'}`;
  return (
    `${begins}, that of Kafka ${asTime(theirs)}. It is ${difference}, and Kafka accepts at most ` +
    `${asDuration(Number(to) - theirs)} ahead (message.timestamp.after.max.ms). Set the clock that is wrong`
  );
}

const asTime = (milliseconds: number) => {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? 'any time' : date.toISOString();
};

function asDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  return parts.flatMap(([count, unit]) => (count > 0 ? `${count} ${unit}` : [])).join(' ') || '0 s';
}

/** Why Kafka refused the time of what was sent; null where it failed for another reason. */
export function refusedTime(error: unknown): string | null {
  const { type, message, cause } = error as { type?: string; message: string; cause?: unknown };
  if (type === 'INVALID_TIMESTAMP') return message;
  return cause ? refusedTime(cause) : null;
}
