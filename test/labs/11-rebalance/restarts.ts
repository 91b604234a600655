/** What lab 11 tries: restarts of processes that share the partitions of a topic. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Begun, type Fleet, type Member, stalled, until, withFleet } from '../engine/fleet.ts';
import type { Ground } from '../engine/ground.ts';
import type { Beside, Failure, Random } from '../engine/lab.ts';
import type { TemporaryTopic } from '../engine/temporary-topic.ts';

export const group = 'loyalty-shared';
const [partitions, processes] = [12, 3];
const all = Array.from({ length: partitions }, (_, i) => i);
/** Rides that wait in one partition, more than a process handles between two heartbeats. */
const backlog = 300;
/** At most so many rides of a partition wait, so that a slow machine keeps up. */
const waiting = 3;
/** In milliseconds: between two rides of a partition, the time without a restart, and how long something may take. */
const [pace, calm, patience] = [50, 600, 15_000];
/** How long a process may take to end after SIGTERM, in milliseconds. */
const ending = 6000;

interface Run extends Pick<Beside, 'measured'> {
  fleet: Fleet;
  ground: Ground;
  topic: TemporaryTopic;
  members: Member[];
}

/**
 * Starts three processes, and lets them share 12 partitions.
 * @param crashes where they get SIGTERM, in their order
 */
async function withThree(
  open: () => Promise<Ground>,
  { file, measured }: Beside,
  crashes: string[],
  check: (run: Run) => Promise<Failure | null>,
): Promise<Failure | null> {
  const ground = await open();
  return withFleet(ground, { file, group, partitions }, async (fleet, topic) => {
    const members = Array.from({ length: processes }, (_, i) => fleet.start(crashes[i]));
    const failure = await fleet.settled(members);
    return failure ?? (await check({ fleet, ground, topic, members, measured }));
  });
}

/** So many rides in each of these partitions. */
const rides = (count: number, into: number[]) =>
  into.flatMap((partition) =>
    Array.from({ length: count }, () => ({ partition, customer: `user_${partition + 1}` })),
  );

/** Stops and replaces one process after another, while rides keep coming. */
export const rollingRestart = (ground: () => Promise<Ground>, beside: Beside): Promise<Failure | null> =>
  withThree(ground, beside, [], restartEach);

/** Stops a process in the middle of a batch, while another one is in the middle of a batch as well. */
export const busyRestart = (
  ground: () => Promise<Ground>,
  beside: Beside,
  random: Random,
): Promise<Failure | null> =>
  withThree(ground, beside, [`before-produce:${random.whole(5, 30)}`], (run) => stopInBatch(run, random));

async function restartEach({ fleet, ground, topic, members, measured }: Run): Promise<Failure | null> {
  let booking = true;
  const booked = (async () => {
    const count = new Map<number, number>();
    for (; booking; await sleep(pace)) {
      const begun = Map.groupBy(fleet.begun(), ({ partition }) => partition);
      const open = all.filter((one) => (count.get(one) ?? 0) - (begun.get(one)?.length ?? 0) < waiting);
      if (open.length > 0) await topic.book(rides(1, open));
      for (const one of open) count.set(one, (count.get(one) ?? 0) + 1);
    }
  })();
  try {
    await moved(fleet, Date.now());
    const begin = Date.now();
    await sleep(calm);
    const usual = Math.max(...pauses(fleet.begun(), begin, Date.now()));
    measured(
      'pauses',
      `normal gap between rides: at most ${seconds(usual)}; a gap of more than twice that counts as standing still`,
    );
    for (const [index, leaver] of [...members].entries()) {
      const before = members.map(({ place }) => place?.partitions ?? []);
      const stopped = Date.now();
      leaver.life.signal('SIGTERM');
      if (!(await until(() => !leaver.life.running, ending)))
        return {
          hint: 'never-ends',
          saw: `Process ${leaver.number} got SIGTERM and still ran ${ending / 1000} s later.`,
        };
      const left = !(await ground.members(group)).includes(leaver.place?.member ?? '');
      members[index] = fleet.start();
      const failure = await fleet.settled(members);
      if (failure) return failure;
      await moved(fleet, Math.max(...members.map(({ place }) => place?.at ?? 0)));
      const still = pauses(fleet.begun(), stopped, Date.now());
      const longer = still.filter((pause) => pause > 2 * usual);
      const changed = before.flat().filter((partition) => {
        const owner = before.findIndex((share) => share.includes(partition));
        return owner !== index && !members[owner]?.place?.partitions.includes(partition);
      });
      measured(
        `restart ${index + 1}`,
        `longest gap ${seconds(Math.max(...still))}; ${longer.length} of ${partitions} partitions stood still for more than ${seconds(2 * usual)}; ${changed.length} of the ${partitions - (before[index]?.length ?? 0)} partitions of the other processes moved to another process`,
      );
      if (left) continue;
      const said = leaver.told('leaving').length > 0;
      return {
        hint: said ? 'not-awaited' : 'no-goodbye',
        saw: `Process ${leaver.number} has ended, but Kafka still counted it as a member of the group ${group}.`,
        evidence: [['its share', `partitions ${before[index]?.toSorted((a, b) => a - b).join(', ')}`]],
      };
    }
  } finally {
    booking = false;
    await booked;
  }
  return ahead(fleet, topic) ?? (await lost(fleet, topic)) ?? repeated(fleet, topic);
}

async function stopInBatch({ fleet, topic, members, measured }: Run, random: Random) {
  const [leaver, other] = [members[0], members[random.whole(1, 2)]];
  if (!leaver || !other) return null;
  const [mine, its] = [leaver, other].map(({ place }) => random.pick(place?.partitions ?? [])) as [
    number,
    number,
  ];
  await topic.book(rides(backlog, [mine, its]));
  const begunBy = (member: Member, partition: number, since: number) =>
    fleet.begun([member]).filter((one) => one.partition === partition && one.at > since);
  const stopped = () => leaver.told('crash').at(0)?.at;
  if (!(await until(() => stopped() !== undefined && begunBy(other, its, 0).length > 0, patience)))
    return stalled(members, `Nobody handled ${topic.topic}/${mine} and ${topic.topic}/${its}.`);

  const after = () => begunBy(leaver, mine, stopped() ?? 0).length;
  await until(() => !leaver.life.running || after() > backlog / 2, patience);
  const more = after();
  if (more > backlog / 2)
    return {
      hint: 'finishes-batch',
      saw: `Process ${leaver.number} got SIGTERM in the middle of a batch, and began ${more} more rides.`,
    };
  const left = leaver.told('leaving').at(-1)?.at ?? Date.now();
  const joined = () => other.told('joined').find(({ at }) => at > left);
  const meanwhile = () =>
    begunBy(other, its, left).filter(({ at }) => at < (joined()?.at ?? Infinity)).length;
  await until(() => joined() !== undefined || meanwhile() > backlog / 2, patience);
  const late = meanwhile();
  measured(
    'one batch',
    `of ${backlog} waiting rides, the process that stopped began ${more} more; the other one began ${late} more before it joined again`,
  );
  if (late > backlog / 2)
    return {
      hint: 'no-heartbeat',
      saw: `Process ${leaver.number} has left, but process ${other.number} began ${late} more rides of its batch before it joined again. Until then, the partitions of process ${leaver.number} stood still.`,
    };
  const next = joined()?.at ?? Date.now();
  // Two rides in each partition: the points of the first one are stored then.
  const went = () =>
    [mine, its].every(
      (one) => fleet.begun().filter(({ partition, at }) => partition === one && at > next).length > 1,
    );
  await until(() => ahead(fleet, topic) !== null || went(), patience);
  return ahead(fleet, topic) ?? repeated(fleet, topic);
}

/** Resolves when each partition has moved on after this time. */
const moved = (fleet: Fleet, since: number) =>
  until(
    () =>
      new Set(
        fleet
          .begun()
          .filter(({ at }) => at > since)
          .map(({ partition }) => partition),
      ).size === partitions,
    patience,
  );

/** The longest time in which each partition stood still, in milliseconds. */
function pauses(begun: Begun[], from: number, to: number): number[] {
  return all.map((one) => {
    const times = begun.filter(({ partition, at }) => partition === one && at < to).map(({ at }) => at);
    const ends = [...times, to];
    return Math.max(...ends.map((end, i) => (end > from ? end - (times[i - 1] ?? from) : 0)));
  });
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;

/** A commit that covers a ride without points: if the process dies now, nobody handles this ride any more. */
function ahead(fleet: Fleet, { topic }: TemporaryTopic): Failure | null {
  for (const member of fleet.members) {
    const others = fleet.members.filter((one) => one !== member);
    const done = new Set(others.flatMap((one) => one.told('done').map(({ place }) => place)));
    /** The first offset of each partition that is not handled. */
    const open = new Map<string, number>();
    const steps = member.told('begun', 'done', 'commit', 'joined');
    for (const [i, step] of steps.entries()) {
      if (step.what === 'done') done.add(step.place);
      if (step.what === 'commit')
        for (const committed of step.places) {
          const [name, partition = '', next] = committed.split('/');
          if (name !== topic) continue;
          let offset = open.get(partition) ?? 0;
          while (done.has(`${topic}/${partition}/${offset}`)) offset++;
          open.set(partition, offset);
          if (offset >= Number(next)) continue;
          const ride = `${topic}/${partition}/${offset}`;
          const isBegun = (one: (typeof steps)[number]) => one.what === 'begun' && one.place === ride;
          const then = steps.slice(i).find((one) => one.what === 'joined' || isBegun(one));
          const handles = steps.slice(0, i).some(isBegun) || then?.what === 'begun';
          return {
            hint: handles ? 'commit-first' : 'batch-committed',
            saw: `Process ${member.number} committed offset ${next} of ${topic}/${partition} before the ride at ${ride} had points.`,
          };
        }
    }
  }
  return null;
}

async function lost(fleet: Fleet, { read, topic }: TemporaryTopic): Promise<Failure | null> {
  const rides = (await read()).map(({ partition, record }) => `${topic}/${partition}/${record.offset}`);
  const missing = () => rides.find((place) => !fleet.stored().has(place));
  await until(() => !missing(), patience);
  const one = missing();
  return one ? { hint: 'lost', saw: `The ride at ${one} got no points.` } : null;
}

function repeated(fleet: Fleet, { topic }: TemporaryTopic): Failure | null {
  const again = [...fleet.stored()].find(([, times]) => times > 1);
  if (!again) return null;
  const [place, times] = again;
  const by = fleet.begun().filter(({ partition, offset }) => `${topic}/${partition}/${offset}` === place);
  const [first] = by;
  return {
    hint: first && wasStopped(fleet, first) ? 'commit-refused' : 'repeated',
    saw: `The ride at ${place} got points ${times} times, although no process was killed.`,
    evidence: by.map((one) => ['handled', `by process ${one.by}`]),
  };
}

/** The process was told to stop while it was working on this ride, or before. */
function wasStopped(fleet: Fleet, ride: Begun): boolean {
  const member = fleet.members.find(({ number }) => number === ride.by);
  const leaving = member?.told('leaving').at(0)?.at;
  return (
    member !== undefined &&
    leaving !== undefined &&
    !fleet.begun([member]).some(({ at }) => at > ride.at && at < leaving)
  );
}
