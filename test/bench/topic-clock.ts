/**
 * Writes rides to a topic by the clock and observes their decisions, in a separate process. Open loop: writes rides when they
 * are due, whether or not earlier ones are decided. The time of each ride starts when Kafka acknowledges it.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { toRecord } from '@rideflow/shared/kafka/writing/records.ts';
import { rideDetails } from '@rideflow/shared/topics.ts';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { seededRandom } from '../../infra/book/random.ts';
import { type Rate, serveAsClock } from './clock.ts';
import { type Decided, now, readDecisions } from './decisions.ts';
import { makeRide } from './fill.ts';

/** The most writes per second; at a higher rate, each has several rides. */
const writes = 200;

const random = seededRandom('clock');
const [brokers = '', ...topics] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const producer = kafka.producer();
await producer.connect();
const decided = await readDecisions(kafka, topics);
serveAsClock(write);

async function write({ rate, seconds }: Rate): Promise<Decided[]> {
  const together = Math.ceil(rate / writes);
  const stored = new Map<string, number>();
  const sent: Promise<unknown>[] = [];
  const batches = Array.from({ length: (rate * seconds) / together }, () => ridesOf(together));
  const start = now() + 20;
  for (const [i, messages] of batches.entries()) {
    const wait = start + (i * together * 1000) / rate - now();
    if (wait > 0) await sleep(wait);
    const send = async () => {
      await producer.send({ topic: 'ride_details', messages });
      for (const { key } of messages) stored.set(String(key), now());
    };
    sent.push(send());
  }
  await Promise.all(sent);
  return decided(stored);
}

/** Each of another customer. */
const ridesOf = (count: number): Message[] =>
  Array.from({ length: count }, () => {
    const ride = { ...makeRide(random, randomUUID()), customer_id: randomUUID() };
    const { key, value, headers } = toRecord(rideDetails, 0, ride, { source: 'rides', id: ride.id });
    return { key, value, headers: headers as Record<string, string> };
  });
