import { expect, test } from '@jest/globals';
import type { Kafka } from '../client/kafkajs.ts';
import { PartitionWriter } from './partition-writer.ts';

/** A cluster that allows transactions of at most so many milliseconds. */
function clusterThatAllows(most: number) {
  const asked: number[] = [];
  const transaction = { abort: async () => {}, sendOffsets: async () => {}, commit: async () => {} };
  const producer = ({ transactionTimeout }: { transactionTimeout: number }) => ({
    connect: async () => {
      asked.push(transactionTimeout);
      const error = Object.assign(new Error('too long'), { type: 'INVALID_TRANSACTION_TIMEOUT' });
      if (transactionTimeout > most) throw error;
    },
    disconnect: async () => {},
    transaction: async () => transaction,
  });
  return { asked, kafka: { producer } as unknown as Kafka };
}

const writerOn = (kafka: Kafka) =>
  new PartitionWriter(
    kafka,
    { group: 'transaction', topic: 'ride_details', partition: 0, member: { memberId: 'm', generationId: 1 } },
    {
      inTurn: (open) => open(),
      read: async () => ({
        start: { offset: '7', committed: true },
        decided: { has: () => false, add: () => {} },
        hanging: [],
      }),
      tracing: undefined,
      closed: () => {},
    },
    { transactionTimeout: 300_000, longestHold: 240_000 },
  );

test('a transaction is held for minutes where the cluster allows it', async () => {
  const { asked, kafka } = clusterThatAllows(900_000);
  const writer = writerOn(kafka);
  expect(await writer.begin()).toBe('7');
  expect([asked, writer.longestHold]).toEqual([[300_000], 240_000]);
});

test('a cluster that allows short transactions only gets short ones, and the next attempt opens', async () => {
  const { asked, kafka } = clusterThatAllows(60_000);
  const writer = writerOn(kafka);
  await expect(writer.begin()).rejects.toThrow('no transaction can be opened: too long');
  expect(await writer.begin()).toBe('7');
  expect([asked, writer.longestHold]).toEqual([[300_000, 10_000], 8000]);
});
