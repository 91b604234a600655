/**
 * The requests of transaction version 2, and the request that tells whether a cluster has it. kafkajs knows older versions of
 * all of them only. Shapes: https://kafka.apache.org/protocol.html. Numbers of 64 bits are decimal strings.
 */
import { createRequire } from 'node:module';
import {
  encoderOf,
  type ProduceOptions,
  produce as produceVersion3,
  type Request,
} from '../faster/produce.ts';
import { parseProduce } from '../refused-times.ts';
import { FlexibleReader, FlexibleWriter } from './flexible.ts';

/** What `broker` of kafkajs sends. `parse` throws the error that the answer contains. */
export interface Exchange<T> {
  request: Request & { apiKey: number; apiVersion: number; apiName: string };
  response: { decode(data: Buffer): Promise<T>; parse(answer: T): Promise<T> };
}

const require = createRequire(import.meta.url);
const { createErrorFromCode, errorCodes } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): Error & { type?: string };
  errorCodes: { type: string; code: number; retriable: boolean; message: string }[];
};

// Errors that are younger than kafkajs. After any of them a transaction is given up, so none is retried.
errorCodes.push(
  {
    type: 'PRODUCER_FENCED',
    code: 90,
    retriable: false,
    message: 'There is a newer producer with the same transactionalId, which fences this one',
  },
  {
    type: 'STALE_MEMBER_EPOCH',
    code: 113,
    retriable: false,
    message: 'The member epoch is stale: the member must rejoin its group',
  },
  {
    type: 'TRANSACTION_ABORTABLE',
    code: 120,
    retriable: false,
    message: 'The broker encountered an error in this transaction, which must be aborted',
  },
);

/** The numbers of the requests, and the first version of each with which a broker adds partitions and groups by itself. */
export const keys = { produce: 0, apiVersions: 18, endTxn: 26, txnOffsetCommit: 28 };
export const needed = new Map([
  [keys.produce, 12],
  [keys.endTxn, 5],
  [keys.txnOffsetCommit, 5],
]);

/** @throws the error of kafkajs if the code is one */
function expectNone(errorCode: number): void {
  if (errorCode !== 0) throw createErrorFromCode(errorCode);
}

export const unsupported = () => createErrorFromCode(35);

function exchange<T>(
  apiName: string,
  apiKey: number,
  apiVersion: number,
  write: (to: FlexibleWriter) => void | Promise<void>,
  { read, parse = () => {} }: { read: (data: Buffer) => T; parse?: (answer: T) => unknown },
): Exchange<T> {
  return {
    request: {
      apiName,
      apiKey,
      apiVersion,
      async encode() {
        const to = new FlexibleWriter(256);
        to.noTags(); // the end of the request's header, which kafkajs does not know
        await write(to);
        to.noTags();
        return encoderOf(to.written);
      },
    },
    response: {
      decode: async (data) => read(data),
      async parse(answer) {
        await parse(answer);
        return answer;
      },
    },
  };
}

/** A reader behind the header of the answer. */
function behindHeader(data: Buffer): FlexibleReader {
  const from = new FlexibleReader(data);
  from.tags();
  return from;
}

export interface Abilities {
  /** The newest version of each request. */
  versions: Map<number, number>;
  /** The level of each feature that the whole cluster has. */
  features: Map<string, number>;
}

/** ApiVersions 3. A broker that does not know it answers like one without features. */
export const askAbilities = (): Exchange<Abilities> =>
  exchange(
    'ApiVersions',
    keys.apiVersions,
    3,
    (to) => {
      to.compactString('kafkajs');
      to.compactString('2.2.4');
    },
    {
      // The header of this answer has no tagged fields, so every client can read it.
      read(data) {
        const from = new FlexibleReader(data);
        const abilities: Abilities = { versions: new Map(), features: new Map() };
        if (from.int16() !== 0) return abilities;
        for (const [key, newest] of from.array(() => {
          const key = from.int16();
          from.int16(); // the oldest version
          return [key, from.int16()] as const;
        }))
          abilities.versions.set(key, newest);
        from.int32(); // throttle time
        const finalized = from.tags().get(2);
        finalized?.array(() => {
          abilities.features.set(finalized.compactString() ?? '', finalized.int16());
          finalized.int16(); // the lowest level
        });
        return abilities;
      },
    },
  );

/** Produce 12. The broker adds the partitions to the transaction. The answer has the shape of kafkajs. */
export const produce = (options: ProduceOptions) =>
  exchange(
    'Produce',
    keys.produce,
    12,
    async (to) => toVersion12(to, (await produceVersion3(options).encode()).buffer),
    {
      read(data) {
        const from = behindHeader(data);
        const topics = from.array(() => ({
          topicName: from.compactString(),
          partitions: from.array(() => ({
            partition: from.int32(),
            errorCode: from.int16(),
            baseOffset: from.int64(),
            logAppendTime: from.int64(),
            logStartOffset: from.int64(),
            recordErrors: from.array(() => ({ index: from.int32(), message: from.compactString() })),
            errorMessage: from.compactString(),
          })),
        }));
        return { topics, throttleTime: 0, clientSideThrottleTime: from.int32() };
      },
      parse: parseProduce,
    },
  );

/** The two versions differ only in how they write lengths. The record batches stay as they are. */
function toVersion12(to: FlexibleWriter, version3: Buffer): void {
  to.room(version3.length);
  const from = new FlexibleReader(version3);
  const string = () => {
    const length = from.int16();
    return length < 0 ? null : from.bytes(length).toString();
  };
  const times = (write: () => void) => to.array(Array.from({ length: from.int32() }), write);
  to.compactString(string()); // transactional id
  to.int16(from.int16()); // acks
  to.int32(from.int32()); // timeout
  times(() => {
    to.compactString(string()); // topic
    times(() => {
      to.int32(from.int32()); // partition
      to.compactBytes(from.bytes(from.int32())); // record batch
    });
  });
}

export interface ProducerOfNow {
  transactionalId: string;
  producerId: string;
  producerEpoch: number;
}

/** A member of a consumer group, in one generation of the group. */
export interface Member {
  memberId: string;
  generationId: number;
}

/** Commits as nobody: the broker does not compare it with the members of the group. */
export const nobody: Member = { memberId: '', generationId: -1 };

export interface Offsets {
  groupId: string;
  topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
}

/** TxnOffsetCommit 5. The broker adds the group to the transaction, and refuses a member that is no longer in it. */
export const txnOffsetCommit = (
  { transactionalId, producerId, producerEpoch }: ProducerOfNow,
  { groupId, topics }: Offsets,
  { memberId, generationId } = nobody,
) =>
  exchange(
    'TxnOffsetCommit',
    keys.txnOffsetCommit,
    5,
    (to) => {
      to.compactString(transactionalId);
      to.compactString(groupId);
      to.int64(BigInt(producerId));
      to.int16(producerEpoch);
      to.int32(generationId);
      to.compactString(memberId);
      to.compactString(null); // group instance id: no static members
      to.array(topics, ({ topic, partitions }) => {
        to.compactString(topic);
        to.array(partitions, ({ partition, offset }) => {
          to.int32(partition);
          to.int64(BigInt(offset));
          to.int32(-1); // leader epoch: unknown
          to.compactString(null); // metadata
        });
      });
    },
    {
      read(data) {
        const from = behindHeader(data);
        return {
          clientSideThrottleTime: from.int32(),
          topics: from.array(() => ({
            topic: from.compactString(),
            partitions: from.array(() => ({ partition: from.int32(), errorCode: from.int16() })),
          })),
        };
      },
      parse: ({ topics }) => {
        for (const { partitions } of topics) for (const { errorCode } of partitions) expectNone(errorCode);
      },
    },
  );

/** EndTxn 5. The answer is the producer id and epoch of the next transaction. */
export const endTxn = ({ transactionalId, producerId, producerEpoch }: ProducerOfNow, commits: boolean) =>
  exchange(
    'EndTxn',
    keys.endTxn,
    5,
    (to) => {
      to.compactString(transactionalId);
      to.int64(BigInt(producerId));
      to.int16(producerEpoch);
      to.int8(commits ? 1 : 0);
    },
    {
      read(data) {
        const from = behindHeader(data);
        return {
          clientSideThrottleTime: from.int32(),
          errorCode: from.int16(),
          producerId: from.int64(),
          producerEpoch: from.int16(),
        };
      },
      parse: ({ errorCode }) => expectNone(errorCode),
    },
  );
