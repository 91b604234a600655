import { type Admin, Kafka, logLevel } from 'kafkajs';
import { check } from '../../infra/check/check.ts';
import type { ProcessName } from '../../infra/system/system.ts';
import { eventually } from '../support/eventually.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** The number of rides that are booked at a time, enough for every partition. */
const lot = 60;
/**
 * The topic of each reader, and the one partition whose oldest messages are deleted. The checker sees everything on the
 * others.
 */
const readers = {
  transaction: { topic: 'ride_details', partition: 0 },
  email: { topic: 'ride_confirmed', partition: 1 },
} as const;
/** A ready reader reports within this time what it missed, in milliseconds. */
const noticedWithin = 30_000;
type Reader = keyof typeof readers;

export const expired: Scenario = {
  name: 'expired',
  what: 'messages deleted before they were read, committed offsets beyond the end of the log, then none at all',
  async run(world, say) {
    const admin = new Kafka({ brokers: world.broker.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      const gone = new Set<string>();
      const rounds = world.share ? 1 : 3;
      for (let round = 1; round <= rounds; round++) {
        await messagesExpire(world, admin, gone);
        say(
          `round ${round}: ${gone.size} rides expired so far, and were counted; all others are decided once`,
        );
        await logIsCutOff(world, admin, gone);
        await offsetsAreForgotten(world, admin, gone);
        say(`round ${round}: offsets beyond the end, and none, and nothing was decided twice`);
      }
      return {
        rounds: 3 * rounds,
        note: `${gone.size} rides expired before they were decided, and were reported as expired`,
      };
    } finally {
      await admin.disconnect();
    }
  },
};

/** @param gone the expired rides so far; this adds more */
async function messagesExpire(world: World, admin: Admin, gone: Set<string>): Promise<void> {
  await book(world);
  await decidedOnce(world, gone);
  await stop(world, 'email');
  await book(world);
  await decidedOnce(world, gone);
  await counted(world);
  await stop(world, 'transaction');
  await book(world);

  const cuts = {
    transaction: await deleteUnread(admin, 'transaction'),
    email: await deleteUnread(admin, 'email'),
  };
  const requests = await eventually(() => requestsBetween(world, cuts.transaction));
  const { counts } = await check({
    brokers: world.broker.brokers,
    mails: world.mailsSeen,
    stats: world.statsSeen,
    accepted: world.accepted,
    waitMs: 0,
  });
  expectEqual('the count of the checker', counts, { expired: cuts.transaction.gone + cuts.email.gone });
  for (const id of requests) {
    gone.add(id);
    await eventually(async () => expectEqual(`the ride ${id}`, (await world.ride(id)).status, 'expired'));
  }

  for (const name of ['transaction', 'email'] as const) await start(world, name);
  for (const name of ['transaction', 'email'] as const)
    await eventually(async () => {
      const metric = await world.metric(name, /^rideflow_messages_expired_total/);
      expectEqual(`rideflow_messages_expired_total of ${name}`, metric, cuts[name].gone);
    }, noticedWithin * world.slack);
  await book(world);
  await decidedOnce(world, gone);
}

/** The log ends before the committed offset of transaction, as after an unclean leader election. */
async function logIsCutOff(world: World, admin: Admin, gone: Set<string>): Promise<void> {
  await stop(world, 'transaction');
  const { topic } = readers.transaction;
  const ends = await admin.fetchTopicOffsets(topic);
  const beyond = ends.map(({ partition, high }) => ({ partition, offset: String(Number(high) + 1000) }));
  await eventually(() => admin.setOffsets({ groupId: 'transaction', topic, partitions: beyond }));
  await start(world, 'transaction');
  // Messages that are written before it continues at the end would be skipped.
  await eventually(async () => {
    for (const { partition, high } of ends)
      expectEqual(
        `committed of ${topic}/${partition}`,
        await committed(admin, 'transaction', partition),
        Number(high),
      );
  });
  await book(world);
  await decidedOnce(world, gone);
}

async function offsetsAreForgotten(world: World, admin: Admin, gone: Set<string>): Promise<void> {
  await stop(world, 'transaction');
  await eventually(() => admin.deleteGroups(['transaction']));
  await book(world);
  await start(world, 'transaction');
  await decidedOnce(world, gone);
}

interface Cut {
  /** The next offset of the reader, and the new start of the log. */
  from: number;
  to: number;
  gone: number;
}

/** Deletes half of the unread messages of a reader in its partition. */
export async function deleteUnread(admin: Admin, reader: Reader): Promise<Cut> {
  const { topic, partition } = readers[reader];
  const from = await committed(admin, reader, partition);
  const end = (await admin.fetchTopicOffsets(topic)).find((one) => one.partition === partition);
  const to = from + Math.ceil((Number(end?.high) - from) / 2);
  if (!(to > from)) throw new Error(`${reader} has nothing to read in ${topic}/${partition}`);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(to) }] });
  return { from, to, gone: to - from };
}

async function committed(admin: Admin, reader: Reader, partition: number): Promise<number> {
  const [answer] = await admin.fetchOffsets({ groupId: reader, topics: [readers[reader].topic] });
  return Number(answer?.partitions.find((one) => one.partition === partition)?.offset);
}

/** The deleted rides. @throws Error when the reader of the log has not seen all of them */
function requestsBetween({ log }: World, { from, to, gone }: Cut): string[] {
  const { topic, partition } = readers.transaction;
  const requests = log
    .on(topic)
    .filter(
      (entry) => entry.partition === partition && Number(entry.offset) >= from && Number(entry.offset) < to,
    );
  expectEqual('deleted rides', requests.length, gone);
  return requests.map(({ value }) => String(value?.id));
}

async function book(world: World): Promise<void> {
  const load = world.load(100);
  await eventually(() => {
    if (load.accepted < lot) throw new Error(`${load.accepted} rides are accepted`);
  });
  await load.stop();
}

/** Resolves when there is one decision for each ride, and none for expired ones. @throws Error when there are more */
async function decidedOnce({ accepted, log }: World, gone: Set<string>): Promise<void> {
  const decisions = await eventually(() => {
    const seen = Map.groupBy(log.on('ride_confirmed'), ({ value }) => String(value?.id));
    const missing = accepted.filter(({ id }) => !gone.has(id) && !seen.has(id));
    if (missing.length > 0) throw new Error(`${missing.length} rides are not decided: ${missing[0]?.id} …`);
    return seen;
  });
  for (const [id, { length }] of decisions) {
    if (length > 1) throw new Error(`the ride ${id} is decided ${length} times`);
    if (gone.has(id)) throw new Error(`the ride ${id} is decided, although its request expired`);
  }
}

/** Resolves when analytics has counted each decision, so none of them can expire for it. */
async function counted(world: World): Promise<void> {
  const decided = world.log.on('ride_confirmed').length;
  await eventually(async () => expectEqual('counted rides', (await world.stats()).overall.rides, decided));
}

async function stop({ system }: World, name: ProcessName): Promise<void> {
  const status = await system.children.get(name)?.stop('SIGTERM');
  if (status !== 0) throw new Error(`${name} did not stop cleanly: exit status ${status}`);
}

async function start({ system }: World, name: ProcessName): Promise<void> {
  system.run(name);
  await system.ready(name);
}

function expectEqual(what: string, seen: unknown, wanted: unknown): void {
  const [is, should] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (is !== should) throw new Error(`${what}: ${is} instead of ${should}`);
}
