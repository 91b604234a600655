import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { useBroker } from '../../../test/support/broker.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { aRide, toPartition } from '../../../test/support/rides.ts';
import { testService } from '../../../test/support/service.ts';
import { type WatchState, watch } from './watch.ts';

const it = useBroker();
let admin: Admin;
beforeAll(async () => {
  admin = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(() => admin?.disconnect());

test('a broker that answers with an error is not said to be away', async () => {
  const topic = 'ride_details';
  await it.log.write(topic, ...[1, 2, 3].map(() => toPartition(0, aRide())));
  await admin.fetchTopicOffsets(topic); // deleteTopicRecords needs its metadata
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
  const states: WatchState[] = [];
  const service = testService('rides', it.brokers);
  const watching = watch(service, {
    topics: [topic],
    isolation: 'uncommitted',
    begin: (partitions) => partitions.map(() => 0), // out of range
    onRecords: () => {},
    onState: (state) => void states.push(state),
  });
  await eventually(() => expect(states.length).toBeGreaterThanOrEqual(3));
  watching.stop();
  await service.stop();
  expect(states.slice(0, 3).map(({ up, refused }) => ({ up, refused }))).toEqual([
    { up: true, refused: false },
    { up: false, refused: true },
    { up: true, refused: false },
  ]);
});
