import { createRequire } from 'node:module';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Kafka, logLevel, type ProducerRecord } from 'kafkajs';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import type { RideDetails } from '../../messages.ts';
import { deadLetterTopic } from '../../topology.ts';
import { keepToVersion1 } from '../client/transactions-v2/producer.ts';
import { consume } from '../consume.ts';

interface Requests {
  addPartitionsToTxn(request: object): Promise<unknown>;
}
const Broker: { prototype: Requests } = createRequire(import.meta.url)('kafkajs/src/broker');

const it = useBroker();
const kafka = () => new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING });
const group = 'transaction';
const running: TestService<'transaction'>[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const service of running.splice(0)) await service.stop();
});

/**
 * A transaction of the service's own id that Kafka takes for ended, and whose records have no marker. Kafka is not told that the
 * partition takes part in it.
 */
async function leaveHanging(partition: number, ...batches: ProducerRecord[]) {
  const admin = kafka().admin();
  await admin.connect();
  const verification = { name: 'transaction.partition.verification.enable', value: 'false' };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: 4, name: '1', configEntries: [verification] }],
  });
  await admin.disconnect();
  const older = kafka();
  keepToVersion1(older); // with version 2 the broker itself adds the partition
  const producer = older.producer({
    transactionalId: `${group}/ride_details/${partition}`,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  jest.spyOn(Broker.prototype, 'addPartitionsToTxn').mockResolvedValue({});
  const transaction = await producer.transaction();
  for (const batch of batches) await transaction.send(batch);
  jest.restoreAllMocks();
  await producer.disconnect();
}

/** Where the rides lie that are written to one partition, in order. */
async function write(partition: number, ...rides: RideDetails[]): Promise<number[]> {
  await it.log.write('ride_details', ...rides.map((ride) => toPartition(partition, ride)));
  return eventually(() =>
    rides.map(({ id }) => {
      const found = it.log.on('ride_details').find(({ value }) => value?.id === id);
      if (!found) throw new Error('the rides are not there yet');
      return Number(found.offset);
    }),
  );
}

const decision = (ride: RideDetails, partition: number, offset: number) => ({
  partition,
  value: JSON.stringify({ ...confirm(ride), alloted_driver: 'driver_of_the_hanging_one' }),
  headers: {
    ce_cause: `ride_details/${partition}/${offset}`,
    ce_causeid: `ride_details/${partition}/${offset}`,
  },
});

async function start() {
  const service = testService(group, it.brokers);
  running.push(service);
  await consume(service, { handle: ({ value }) => [confirm(value)] });
  return service;
}
const decisionsOn = (ride: RideDetails) =>
  it.log
    .on('ride_confirmed')
    .filter(({ value }) => value?.id === ride.id)
    .map(({ value }) => value?.alloted_driver);

test('what a hanging transaction has written before its messages were decided is never seen', async () => {
  const [first, second] = [aRide(), aRide()];
  const [one = 0, two = 0] = await write(0, first, second);
  await leaveHanging(
    0,
    { topic: 'ride_confirmed', messages: [decision(first, 0, one), decision(second, 0, two)] },
    {
      topic: deadLetterTopic(group),
      messages: [{ partition: 0, value: 'hangs', headers: { dead_letter_from: `ride_details/0/${two}` } }],
    },
  );
  const service = await start();
  await it.log.write('ride_details', toPartition(0, 'unreadable'));
  await eventually(() =>
    expect(it.log.on(deadLetterTopic(group)).map(({ text }) => text)).toEqual(['unreadable']),
  );
  await eventually(() => expect([first, second].map(decisionsOn)).toEqual([['driver_4'], ['driver_4']]));
  expect(service.lines).toContainEqual(
    expect.objectContaining({ msg: expect.stringContaining('lost the end of an earlier transaction') }),
  );
});

test('what a hanging transaction has written of messages before the committed offset is seen, and not decided again', async () => {
  const ride = aRide();
  const [offset = 0] = await write(1, ride);
  const admin = kafka().admin();
  await admin.connect();
  const place = { partition: 1, offset: String(offset + 1) };
  await admin.setOffsets({ groupId: group, topic: 'ride_details', partitions: [place] });
  await admin.disconnect();
  await leaveHanging(1, { topic: 'ride_confirmed', messages: [decision(ride, 1, offset)] });
  await start();
  const next = aRide();
  await write(1, next);
  await eventually(() => expect(decisionsOn(next)).toEqual(['driver_4']));
  expect(decisionsOn(ride)).toEqual(['driver_of_the_hanging_one']);
});
