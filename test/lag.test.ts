/**
 * The lag of each group as an autoscaler sees it. KEDA's Kafka scaler subtracts the committed offset from the newest one (pkg/scalers,
 * getLagForPartition). The markers of transactions take offsets too: a group that commits the offset after its last message stays
 * behind by 1 for ever.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ReaderName, topology } from '@rideflow/shared/topology.ts';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';

const readers = Object.entries(topology).flatMap(([name, { reads }]) =>
  reads ? [{ group: name as ReaderName, topic: reads }] : [],
);

let it: TestSystem;
let admin: Admin;
beforeAll(async () => {
  it = await startTestSystem();
  admin = new Kafka({ brokers: it.broker.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(async () => {
  await admin?.disconnect();
  await it?.stop();
});

/** By partition: the newest offset minus the committed one, and null where nothing is committed. */
async function lagOf(group: string, topic: string) {
  const newest = await admin.fetchTopicOffsets(topic);
  const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  return newest
    .sort((a, b) => a.partition - b.partition)
    .map(({ partition, high }) => {
      const offset = Number(committed?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
      return offset < 0 ? null : Number(high) - offset;
    });
}

test('when all rides are decided, mailed and counted, the lag of each group is 0 on each partition, behind the markers too', async () => {
  const rides = Array.from({ length: 60 }, (_, n) =>
    it.book({ customer_id: `user_${n}`, location: { lat: 12.97, long: 77.59 } }),
  );
  const partitions = new Set((await Promise.all(rides)).map(({ stored }) => stored.partition));
  expect(partitions.size).toBeGreaterThan(1);
  await eventually(() => expect(it.log.on('ride_confirmed').length).toBeGreaterThanOrEqual(rides.length));
  for (const { group, topic } of readers)
    await eventually(async () => {
      const lag = await lagOf(group, topic);
      expect([group, lag]).toEqual([group, lag.map(() => 0)]);
    });
  // The markers are there: behind the last message the log goes on.
  const decided = it.log.on('ride_confirmed');
  for (const { partition, high } of await admin.fetchTopicOffsets('ride_confirmed')) {
    const last = decided.filter((one) => one.partition === partition).at(-1);
    if (last) expect(Number(high)).toBeGreaterThan(Number(last.offset) + 1);
  }
});
