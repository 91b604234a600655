/** Whatever a foreign writer puts on a topic, its reader is done with it or parks it, and goes on. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { consume, consumeInto } from '@rideflow/shared/kafka/consume.ts';
import { largestRecord, sizeOf } from '@rideflow/shared/kafka/writing/size.ts';
import { type ReaderName, topology } from '@rideflow/shared/topology.ts';
import fc from 'fast-check';
import { CompressionTypes, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { createDemandModel } from '../services/analytics/src/demand-model.ts';
import { Store } from '../services/analytics/src/store.ts';
import { mailFor } from '../services/email/src/mail.ts';
import { decide } from '../services/transaction/src/decide.ts';
import { takePayment } from '../services/transaction/src/payment.ts';
import { useBroker } from './support/broker.ts';
import { eventually } from './support/eventually.ts';
import { type HostileRecord, hostileRecord } from './support/hostile-records.ts';
import { aRide, confirm, toPartition } from './support/rides.ts';
import { type TestService, testService } from './support/service.ts';

const it = useBroker({ bare: true });
let producer: Producer;
beforeAll(async () => {
  producer = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
});
afterAll(() => producer?.disconnect());
const running: TestService<ReaderName>[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

/** With what each service does with a message. Resolves with the ids of the rides that it was done with. */
async function start(name: ReaderName) {
  const service = testService(name, it.brokers, { GUARANTEE: topology[name].guarantee });
  running.push(service);
  const done = new Set<string>();
  if (name === 'transaction')
    await consume(service as TestService<'transaction'>, {
      handle: ({ value }, attempt) => {
        done.add(value.id);
        return [decide(value, takePayment(value.payment_token, attempt), new Date())];
      },
    });
  else if (name === 'email')
    await consume(service as TestService<'email'>, {
      handle: ({ value, identity }) => {
        mailFor(value, identity, { name: 'Rideflow', address: 'rides@rideflow.example' });
        done.add(value.id);
      },
    });
  else {
    const store = new Store({ file: ':memory:', createModel: () => createDemandModel(60, Date.now) });
    service.onStop('the store', () => store.close());
    await consumeInto(service as TestService<'analytics'>, {
      offsets: () => store.offsets(),
      apply: (partition, messages, nextOffset, once) => {
        store.apply(partition, messages, nextOffset, once);
        for (const { value } of messages) done.add(value.id);
      },
    });
  }
  return { service, done };
}

/** What is larger than a topic takes was compressed by its writer. */
async function write(topic: string, { key, value, headers }: HostileRecord) {
  const large = sizeOf({ topic, partition: 0, key, value, headers }) > largestRecord;
  const present = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value ?? '']));
  await producer.send({
    topic,
    ...(large && { compression: CompressionTypes.GZIP }),
    messages: [{ partition: 0, key, value, headers: large ? present : headers } as Message],
  });
}

test.each<ReaderName>(['transaction', 'email', 'analytics'])(
  'no message blocks its partition of %s: each is done, skipped or parked',
  async (name) => {
    const { service, done } = await start(name);
    const topic = topology[name].reads;
    const counted = async () => {
      const names = ['processed', 'repeated', 'dead_lettered'];
      const counts = await Promise.all(names.map((of) => service.metric(`rideflow_messages_${of}_total`)));
      return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    };
    const caughtUp = () =>
      eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
    await caughtUp();
    await fc.assert(
      fc.asyncProperty(fc.array(hostileRecord, { minLength: 15, maxLength: 30 }), async (records) => {
        const before = await counted();
        for (const record of records) await write(topic, record);
        const ride = aRide();
        await producer.send({
          topic,
          messages: [toPartition(0, name === 'transaction' ? ride : confirm(ride))],
        });
        await caughtUp();
        expect(done).toContain(ride.id);
        // A process counts a message when the broker has answered its commit, a moment after the lag is 0.
        await eventually(async () => expect((await counted()) - before).toBe(records.length + 1));
        expect(await service.metric('rideflow_retries_total')).toBe(0);
        expect(service.failures).toEqual([]);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  },
);
