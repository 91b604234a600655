/**
 * A broker rejects a record whose timestamp is too far from its own clock. kafkajs cannot tell how far: it uses Produce
 * version 7, and only version 8 returns the broker's message, which contains its clock. Both versions have the same request.
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
  parse: parseProduce,
};

/** @throws the first error in the answer to a Produce */
export async function parseProduce<T extends { topics: { partitions: PartitionAnswer[] }[] }>(
  answer: T,
): Promise<T> {
  const failed = answer.topics
    .flatMap(({ partitions }) => partitions)
    .find(({ errorCode }) => failure(errorCode));
  if (!failed) return answer;
  const error = createErrorFromCode(failed.errorCode);
  const said = failed.recordErrors[0]?.message;
  if (said) error.message = inWords(said) ?? error.message;
  throw error;
}

const { protocol } = produce;
produce.versions.push('8');
produce.protocol = ({ version }) =>
  Number(version) === 8
    ? (options) => ({
        request: Object.assign(protocol({ version: 7 })(options).request, { apiVersion: 8 }),
        response,
      })
    : protocol({ version });

/** The default of `message.timestamp.before.max.ms`. With it, the earliest accepted time reveals the broker's clock. */
const noLimit = 2n ** 63n - 1n;

/**
 * Describes a rejected timestamp, with both clocks if the message reveals the clock of the broker; null if the message is
 * about something else.
 */
export function inWords(said: string): string | null {
  const [, time, from, to] = /^Timestamp (\d+) of message .* within \[(-?\d+), (-?\d+)\]/.exec(said) ?? [];
  if (time === undefined || from === undefined || to === undefined) return null;
  const ours = Number(time);
  const begins = `Kafka rejects the timestamp of the message: the clock of this machine shows ${asTime(ours)}`;
  const theirs = Number(BigInt(from) + noLimit);
  // An implausible time means that the limit is not the default.
  if (BigInt(from) >= 0n || theirs > Number(to))
    return `${begins}, and Kafka accepts ${asTime(Number(from))} to ${asTime(Number(to))}. Correct the wrong clock`;
  const difference = `${asDuration(Math.abs(ours - theirs))} ${ours > theirs ? 'ahead' : 'behind'}`;
  return (
    `${begins}, and the clock of Kafka shows ${asTime(theirs)}. This machine is ${difference}, and Kafka accepts at most ` +
    `${asDuration(Number(to) - theirs)} ahead (message.timestamp.after.max.ms). Correct the wrong clock`
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

/** Why Kafka rejected a timestamp; null if the send failed for another reason. */
export function refusedTime(error: unknown): string | null {
  const { type, message, cause } = error as { type?: string; message: string; cause?: unknown };
  if (type === 'INVALID_TIMESTAMP') return message;
  return cause ? refusedTime(cause) : null;
}
