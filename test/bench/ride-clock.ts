/**
 * Books rides by the clock and observes their decisions, in a separate process. Open loop: sends requests when they are due,
 * whether or not earlier ones are answered. The time of each request starts when it is due, so a stalled server cannot hide
 * it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import { Pool, post } from '../faults/raw-http.ts';

export interface ClockOrder {
  port: number;
  /** Rides per second. */
  rate: number;
  seconds: number;
}
/** Milliseconds from when a ride was due until its decision was visible; or the error. */
export type ClockAnswer = { times: number[] } | { problem: string };

/** More than necessary, so a request never waits for a connection. */
const connections = 10_000;
/** Wait for the last decision, in milliseconds. */
const patience = 10_000;

const due = new Map<string, number>();
let times: number[] = [];
const random = seededRandom('clock');
let customers = 0;

const [brokers = '', ...topics] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `clock-${process.pid}` });
await consumer.connect();
await consumer.subscribe({ topics, fromBeginning: true });
const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    const now = performance.now();
    for (const { key } of batch.messages) {
      const since = due.get(String(key));
      if (since === undefined) continue;
      times.push(now - since);
      due.delete(String(key));
    }
  },
});
await joined;
process.send?.('ready');

process.on('message', async (order: ClockOrder) => {
  process.send?.(await book(order).catch((error: Error) => ({ problem: error.message })));
});

async function book({ port, rate, seconds }: ClockOrder): Promise<ClockAnswer> {
  times = [];
  due.clear();
  const pool = new Pool(`http://127.0.0.1:${port}`, connections);
  const count = rate * seconds;
  const requests = Array.from({ length: count }, () => {
    const customer_id = `clock_${process.pid}_${customers++}`;
    const ride = { ...randomRide(random), customer_id, payment_token: 'tok_ok' };
    return { customer_id, text: post('/rides', JSON.stringify(ride)) };
  });
  const answers: Promise<unknown>[] = [];
  const start = performance.now() + 20;
  for (const [i, { customer_id, text }] of requests.entries()) {
    const moment = start + (i * 1000) / rate;
    const wait = moment - performance.now();
    if (wait > 0) await sleep(wait);
    due.set(customer_id, moment);
    const answer = pool.send(text);
    if (!answer) throw new Error(`${connections} requests were waiting for an answer`);
    answers.push(answer);
  }
  await Promise.all(answers);
  for (const end = performance.now() + patience; due.size > 0 && performance.now() < end; ) await sleep(10);
  pool.close();
  if (due.size > 0) throw new Error(`${due.size} of ${count} rides were not decided within 10 s`);
  return { times };
}
