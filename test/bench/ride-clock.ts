/**
 * Books rides by the clock and observes their decisions, in a separate process. Open loop: sends requests when they are due,
 * whether or not earlier ones are answered. The time of each request starts when it is due, so a stalled server cannot hide
 * it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import { type Answer, Pool, post } from '../faults/raw-http.ts';
import { type Rate, serveAsClock } from './clock.ts';
import { type Decided, now, readDecisions } from './decisions.ts';

export interface Booking extends Rate {
  /** Of the program that takes the rides. */
  port: number;
}

/** More than necessary, so a request never waits for a connection. */
const connections = 10_000;

const random = seededRandom('clock');
let customers = 0;

const [brokers = '', ...topics] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const decided = await readDecisions(kafka, topics);
serveAsClock(book);

async function book({ port, rate, seconds }: Booking): Promise<Decided[]> {
  const due = new Map<string, number>();
  const pool = new Pool(`http://127.0.0.1:${port}`, connections);
  const count = rate * seconds;
  const requests = Array.from({ length: count }, () => {
    const customer_id = `clock_${process.pid}_${customers++}`;
    const ride = { ...randomRide(random), customer_id, payment_token: 'tok_ok' };
    return { customer_id, text: post('/rides', JSON.stringify(ride)) };
  });
  const answers: Promise<Answer | null>[] = [];
  const start = now() + 20;
  for (const [i, { customer_id, text }] of requests.entries()) {
    const moment = start + (i * 1000) / rate;
    const wait = moment - now();
    if (wait > 0) await sleep(wait);
    due.set(customer_id, moment);
    const answer = pool.send(text);
    if (!answer) throw new Error(`${connections} requests were waiting for an answer`);
    answers.push(answer);
  }
  const refused = (await Promise.all(answers)).filter((answer) => answer?.status !== 202);
  if (refused.length > 0) throw new Error(`${refused.length} of ${count} rides were not accepted`);
  const rides = await decided(due);
  pool.close();
  return rides;
}
