import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../infra/broker/ports.ts';
import { eventually } from '../support/eventually.ts';
import { answersOf, type Flood, type FloodOrder, startFlood } from './flood.ts';
import { residentMb, watchMemory } from './memory.ts';
import { produce, startProxied } from './proxy.ts';
import type { Scenario } from './scenario.ts';
import { createWorld, type World } from './world.ts';

/** The number of requests in flight, so large that the queues of the system are the limit and not the clients. */
const connections = 3000;
/**
 * The allowed growth of rides, in MB, whatever the load: the rides in its view (50,000 of 0.7 kB: 35), the queue to Kafka (16
 * as bytes, twice that as objects), the requests of all connections (3000 of 20 kB: 60), and as much again, because free
 * memory is not returned at once.
 */
const mayGrow = 260;
/**
 * Numbers of customers who wait for their answer before they book again. They increase until more customers get no more rides.
 */
const crowds = [100, 300, 900];
/** Windows in which the rate must recover. */
const tries = 10;
/**
 * The duration of each write to a slow Kafka, in milliseconds, and its capacity in rides per second: one write of 500 rides is
 * in flight.
 */
const slow = { write: 1000, rides: 500 };
/** The share that is still accepted under three times the load, because late requests must be rejected. */
const mustAccept = 0.5;
/** An answer takes at most 5 s, the deadline of a request for a ride. The rest is for a busy machine. In milliseconds. */
const deadline = 8000;

/** If no mail arrives for this long, in milliseconds, no more will arrive. */
const standstill = 15_000;

type Run = (order: FloodOrder) => Promise<Flood>;

/** The current duration of a write of rides, in milliseconds. */
let write = 0;

export const overload: Scenario = {
  name: 'overload',
  what: 'three times the load that rides can handle, then three times what a slow Kafka can handle, with rides killed meanwhile',
  alone: true,
  async world(settings) {
    write = 0;
    const [shown = 0] = await freePorts(1);
    const extra = { rides: { KAFKA_BROKERS: `localhost:${shown}` } };
    return createWorld(settings, extra, {
      broker: (dataDir) => startProxied(dataDir, shown, (api) => (api === produce ? write : 0)),
    });
  },
  async run(world, say) {
    const flood = startFlood(world.system.url('rides'), connections);
    const run: Run = async (order) => {
      const seen = await flood.run(order);
      world.accepted.push(...seen.accepted);
      return seen;
    };
    try {
      await answersWhenStored(world);
      const ofRides = await moreThanRidesTakes(world, run, say);
      const ofKafka = await moreThanKafkaTakes(world, run, say);
      await mailsCame(world);
      return { rounds: 2, note: `${ofRides}; with a slow Kafka ${ofKafka} a second` };
    } finally {
      await flood.stop();
    }
  },
};

/**
 * While Kafka is slow, a 202 takes at least as long as the write. So this detects an early answer on any machine; load only
 * adds to the time.
 */
async function answersWhenStored(world: World): Promise<void> {
  const customer_id = 'patient';
  write = slow.write;
  const took = await eventually(async () => {
    const start = performance.now();
    const { id } = await world.book({ customer_id, location: { lat: 52.52, long: 13.405 } });
    world.accepted.push({ id, customer_id });
    return performance.now() - start;
  }, 30_000);
  write = 0;
  if (took < 0.9 * slow.write)
    throw new Error(
      `a 202 after ${Math.round(took)} ms, from a Kafka that takes ${slow.write} ms for a write`,
    );
}

/** Resolves when all mails have arrived, or no more arrive. The checker then reports missing ones. */
async function mailsCame({ accepted, mailbox: { mails } }: World): Promise<void> {
  let [known, since] = [-1, 0];
  await eventually(() => {
    if (mails.length > known) [known, since] = [mails.length, Date.now()];
    if (mails.length < accepted.length && Date.now() - since < standstill)
      throw new Error('mails are missing');
  }, 240_000);
}

async function moreThanRidesTakes(world: World, run: Run, say: (line: string) => void): Promise<string> {
  const window = world.share ? 2 : 3;
  await run({ clients: 100, seconds: 2 });
  let peak = 0;
  for (const clients of world.share ? crowds.slice(1, 2) : crowds) {
    const { rate } = await run({ clients, seconds: window });
    peak = Math.max(peak, Math.round(rate));
    say(`${clients} customers who wait for each answer get ${Math.round(rate)} rides a second`);
  }
  if (peak === 0) throw new Error('no ride was accepted in time, so the peak is unknown');
  const pid = world.system.children.get('rides')?.pid as number;
  const first = await residentMb(pid);
  const memory = watchMemory(pid);
  const over = await run({ rate: 3 * peak, seconds: world.share ? 3 : 10 });
  const most = memory();
  say(`${3 * peak} a second: ${answersOf(over)}; slowest ${Math.round(over.slowest)} ms`);
  say(`rides had ${Math.round(first)} MB before and ${Math.round(most)} MB at most`);
  if (over.unanswered > 0) throw new Error(`${over.unanswered} requests were not answered`);
  if (most > first + mayGrow)
    throw new Error(`rides grew by ${Math.round(most - first)} MB; the limit is ${mayGrow}`);

  let after = 0;
  for (let n = 1; n <= tries && after < 0.9 * peak; n++) {
    after = Math.round((await run({ rate: peak, seconds: window })).rate);
    say(`${peak} a second again: ${after} of them accepted a second`);
  }
  if (after < 0.9 * peak) throw new Error(`${after} rides a second afterwards, ${peak} before`);
  if (world.system.children.get('rides')?.pid !== pid) throw new Error('rides was restarted');
  return `accepted a second: ${peak} before, ${Math.round(over.rate)} during, ${after} after; rides had ${Math.round(most)} MB at most`;
}

/** Fills the queue to Kafka, on any machine. */
async function moreThanKafkaTakes(world: World, run: Run, say: (line: string) => void): Promise<string> {
  write = slow.write;
  const rate = 3 * slow.rides;
  // After 8 s the queue is full.
  const over = await run({ rate, seconds: world.share ? 12 : 30, after: 8 });
  const during = Math.round(over.rate);
  const slowest = `slowest ${Math.round(over.slowest)} ms`;
  say(
    `${rate} a second to a Kafka that takes ${slow.rides}: ${answersOf(over)}; ${during} accepted a second; ${slowest}`,
  );
  if (over.unanswered > 0) throw new Error(`${over.unanswered} requests were not answered`);
  if (!over.statuses[503]) throw new Error('nothing was rejected: the load was not high enough');
  if (during < mustAccept * slow.rides)
    throw new Error(`too many requests leave ${during} rides a second that are accepted in time`);
  if (over.slowest > deadline * world.slack) throw new Error(`${slowest}; the limit is ${deadline}`);

  // Rides that were answered with 202 are in Kafka, although the queue is full of others.
  const requests = run({ rate, seconds: 4 });
  await sleep(2500); // killed during the requests
  await world.system.children.get('rides')?.stop('SIGKILL');
  say(`rides killed during it: ${answersOf(await requests)}`);
  write = 0;
  world.system.run('rides');
  await world.system.ready('rides');
  return `${during} of ${slow.rides}`;
}
