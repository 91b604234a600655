/** What lab 12 watches: the calls of the service to the payment provider, beside the offsets that it commits. */
import { failureOf, type Member, stalled, until, withFleet } from '../engine/fleet.ts';
import type { Ground } from '../engine/ground.ts';
import type { Beside, Failure, Random } from '../engine/lab.ts';

export const group = 'payments';
export const partitions = 6;
/** Calls that the provider allows at once, for each process. */
export const limit = 6;
/** Calls after which a service that uses the provider has had as many at once as are allowed. */
const enough = 40;
/** In milliseconds: how long something may take. */
const patience = 8000;

const all = Array.from({ length: partitions }, (_, i) => i);
/** So many rides in a partition; each customer has two, one after the other. */
const rides = (partition: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ partition, customer: customerOf(partition, i) }));
const customerOf = (partition: number, offset: number) => `user_${partition + 1}_${Math.floor(offset / 2)}`;

interface Seen {
  /** Calls that were on their way at once. */
  most: number;
  done: number;
  commits: number;
  /** An offset that was committed while the call for a ride before it was on its way. */
  ahead: { committed: string; ride: string } | null;
  /** Two calls of one customer that were on their way at once, or in the wrong order. */
  mixed: { customer: string; ride: string; before: string; atOnce: boolean } | null;
}

/** What one process did, in its order. */
function seenIn(member: Member): Seen {
  const seen: Seen = { most: 0, done: 0, commits: 0, ahead: null, mixed: null };
  const open = new Map<string, { partition: number; offset: number }>();
  /** The last ride of each customer that was begun. */
  const last = new Map<string, { ride: string; offset: number }>();
  for (const step of member.told('begun', 'done', 'commit')) {
    if (step.what === 'commit') {
      seen.commits++;
      for (const committed of step.places) {
        const [, partition, next] = committed.split('/');
        const early = [...open].find(
          ([, one]) => one.partition === Number(partition) && one.offset < Number(next),
        );
        if (early) seen.ahead ??= { committed, ride: early[0] };
      }
      continue;
    }
    const { place: ride } = step;
    if (step.what === 'done') {
      open.delete(ride);
      seen.done++;
      continue;
    }
    const [, partition, offset] = ride.split('/').map(Number) as [number, number, number];
    const customer = customerOf(partition, offset);
    const before = last.get(customer);
    if (before && before.ride !== ride && (open.has(before.ride) || before.offset > offset))
      seen.mixed ??= { customer, ride, before: before.ride, atOnce: open.has(before.ride) };
    last.set(customer, { ride, offset });
    open.set(ride, { partition, offset });
    seen.most = Math.max(seen.most, open.size);
  }
  return seen;
}

/**
 * Watches a process until it has handled these rides, or shows a fault.
 * @param idle the hint when it never has as many calls on their way as are allowed, by the most that it had
 */
async function watched(
  member: Member,
  count: number,
  idle: (most: number) => string,
  where: string,
): Promise<Failure | null> {
  const fell = () => failureOf([member]) !== null;
  // A fault may have another one as its cause, which shows at the next commit.
  const enoughSeen = ({ most, done, commits, ahead, mixed }: Seen) =>
    ahead !== null ||
    ((most > limit || mixed !== null || done >= count) && commits > 0) ||
    (done >= enough && most < limit);
  await until(() => fell() || member.life.consumers !== null, 20_000);
  await until(() => fell() || enoughSeen(seenIn(member)), patience);
  const failure = failureOf([member]);
  if (failure) return failure;
  const { most, done, commits, ahead, mixed } = seenIn(member);
  if (ahead)
    return {
      hint: 'committed-ahead',
      saw: `The offset at ${ahead.committed} was committed, but the payment for the ride at ${ahead.ride} was still on its way.`,
    };
  if (most > limit)
    return {
      hint: 'overload',
      saw: `${most} calls were on their way at once. The provider allows ${limit}.`,
    };
  if (mixed)
    return {
      hint: 'mixed',
      saw: mixed.atOnce
        ? `Two payments of ${mixed.customer} were on their way at once.`
        : `Two payments of ${mixed.customer} began in the wrong order.`,
      evidence: [
        ['first', mixed.before],
        ['second', mixed.ride],
      ],
    };
  if (done < Math.min(enough, count))
    return stalled([member], `Your service took ${done} of ${count} payments, and then stood still.`);
  if (done >= count && commits === 0)
    return {
      hint: 'never-commits',
      saw: `All payments are taken, but no offset is committed: for Kafka, all ${count} rides still wait.`,
    };
  if (most === limit) return null;
  return {
    hint: idle(most),
    saw: `${where}, and the provider had at most ${most} of ${limit} calls at once.`,
  };
}

/** One process, and rides in all partitions. */
export async function spread(
  open: () => Promise<Ground>,
  { file, measured }: Beside,
): Promise<Failure | null> {
  return withFleet(await open(), { file, group, partitions }, async (fleet, topic) => {
    const each = 30;
    await topic.book(all.flatMap((partition) => rides(partition, each)));
    const member = fleet.start();
    const failure = await watched(
      member,
      partitions * each,
      (most) => (most > 1 ? 'too-few' : 'one-by-one'),
      `${partitions * each} rides waited`,
    );
    measured(
      'at once',
      `the provider allows ${limit} calls; the most that it had was ${seenIn(member).most}`,
    );
    return failure;
  });
}

/** Three processes, and rides in one partition; then, to compare, in all of them. */
export async function hot(
  open: () => Promise<Ground>,
  random: Random,
  { file, measured }: Beside,
): Promise<Failure | null> {
  return withFleet(await open(), { file, group, partitions }, async (fleet, topic) => {
    const members = [fleet.start(), fleet.start(), fleet.start()];
    const unshared = await fleet.settled(members);
    if (unshared) return unshared;
    const partition = random.whole(0, partitions - 1);
    const owner = members.find(({ place }) => place?.partitions.includes(partition));
    if (!owner) return null;
    const [count, each] = [120, 20];
    await topic.book(rides(partition, count));
    const where = `${count} rides waited in partition ${partition}, three processes ran`;
    const failure = await watched(owner, count, () => 'hot-partition', where);
    const ofOne = members.map((member) => seenIn(member).done);
    measured(
      'in one',
      `${count} rides in one partition: the three processes handled ${ofOne.join(', ')} of them${failure ? ' before the check stopped' : ''}`,
    );
    if (failure) return failure;
    await topic.book(all.filter((one) => one !== partition).flatMap((one) => rides(one, each)));
    const total = count + (partitions - 1) * each;
    const done = () => members.map((member) => seenIn(member).done);
    const sum = () => done().reduce((a, b) => a + b);
    if (!(await until(() => sum() >= total, patience)))
      return stalled(members, `Your service took ${sum()} of ${total} payments, and then stood still.`);
    const ofMany = done().map((now, i) => now - (ofOne[i] ?? 0));
    measured(
      'in five',
      `${total - count} rides in the other partitions: the three processes handled ${ofMany.join(', ')} of them`,
    );
    return null;
  });
}
