/** The time of a ride from POST to its stored confirmation, compared with a plain message on the same broker. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import type { TestSystem } from '../support/system.ts';

/** Times in milliseconds, one for each ride and one for each plain message. */
export interface Latency {
  rides: number[];
  plain: number[];
}

/**
 * Open loop: sends requests by the clock, whether or not earlier ones are answered. The time of each request starts when it is
 * due. A ride is done when an independent read-committed consumer has its confirmation.
 */
export async function measureLatency(it: TestSystem, rate: number, seconds: number): Promise<Latency> {
  const control = await plainRoundTrip(it.broker.brokers);
  const random = seededRandom(1);
  const due = new Map<string, number>();
  const rides: number[] = [];
  it.log.onEntry = ({ topic, value }) => {
    const since = due.get(String(value?.customer_id));
    if (topic === 'ride_confirmed' && since !== undefined) rides.push(performance.now() - since);
  };
  const count = rate * seconds;
  const start = performance.now();
  const booked: Promise<unknown>[] = [];
  const plain: Promise<number>[] = [];
  for (let i = 0; i < count; i++) {
    const moment = start + (i * 1000) / rate;
    await sleep(Math.max(0, moment - performance.now()));
    const customer_id = `figures_${i}`;
    due.set(customer_id, moment);
    booked.push(it.book({ ...randomRide(random), customer_id, payment_token: 'tok_ok' }));
    // Between two rides, and so few that they cause no load.
    if (i % 5 === 0) plain.push(sleep(500 / rate).then(() => control.send(moment + 500 / rate)));
  }
  await Promise.all(booked);
  for (const end = Date.now() + 10_000; rides.length < count && Date.now() < end; ) await sleep(10);
  if (rides.length !== count) throw new Error(`${count - rides.length} of ${count} rides were not confirmed`);
  const result = { rides, plain: await Promise.all(plain) };
  await control.stop();
  return result;
}

/** The simple program: one `send` per message, and one consumer that reads them one by one. */
async function plainRoundTrip(brokers: string[]) {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: `figures-${Date.now()}` });
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  await admin.createTopics({ topics: [{ topic: 'figures', numPartitions: 3 }], waitForLeaders: true });
  await consumer.subscribe({ topics: ['figures'], fromBeginning: true });
  const waiting = new Map<string, () => void>();
  const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
  await consumer.run({ eachMessage: async ({ message }) => waiting.get(String(message.value))?.() });
  await joined;
  let next = 0;
  return {
    async send(due: number): Promise<number> {
      const id = String(next++);
      const arrived = new Promise<void>((resolve) => waiting.set(id, resolve));
      await producer.send({ topic: 'figures', messages: [{ key: id, value: id }] });
      await arrived;
      return performance.now() - due;
    },
    stop: () => Promise.all([producer.disconnect(), consumer.disconnect(), admin.disconnect()]),
  };
}

/** By nearest rank. */
export function quantile(times: number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1] as number;
}
