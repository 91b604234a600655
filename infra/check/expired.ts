/** What Kafka has deleted: before its reader handled it, which is a violation, or after, which is what retention is for. */
import type { Facts, Place } from './facts.ts';
import type { Findings } from './findings.ts';

const inputs = { transaction: 'ride_details', email: 'ride_confirmed', analytics: 'ride_confirmed' } as const;

/** @returns how many messages their readers will never handle; a reader that has gone on behind them does not show them any more */
export function checkExpired(facts: Facts, findings: Findings): number {
  const counted = Object.entries(facts.statistics?.next_offsets ?? {});
  const places = {
    ...facts.committed,
    analytics: new Map(counted.map(([partition, offset]) => [Number(partition), Number(offset)])),
  };
  let all = 0;
  for (const [reader, topic] of Object.entries(inputs) as [keyof typeof inputs, 'ride_details'][])
    for (const [partition, next] of places[reader]) {
      const start = keptFrom(facts, topic, partition);
      const gone = start - next;
      if (gone <= 0) continue;
      all += gone;
      const messages = gone === 1 ? 'One message' : `${gone} messages`;
      findings.add(
        'expired',
        `${messages} of ${topic}/${partition} expired before ${reader} handled them: it stands at ${next}, and Kafka keeps what is from ${start} on.`,
        gone,
      );
    }
  return all;
}

/** The first offset that Kafka keeps, where that is what limits the check; 0 where it begins later, at a moment that was asked for. */
export function keptFrom(facts: Facts, topic: 'ride_details' | 'ride_confirmed', partition: number): number {
  const kept = facts.kept[topic].get(partition) ?? 0;
  return kept >= (facts.starts[topic].get(partition) ?? 0) ? kept : 0;
}

/**
 * Whether what became of a request may be deleted. Decisions and dead letters come in the order of their requests, so it is where
 * the first one that was read, of a log without its beginning, is of a later request.
 */
export function outcomeMayBeGone(facts: Facts): (request: Place) => boolean {
  const firsts = [
    {
      cut: (p: number) => keptFrom(facts, 'ride_confirmed', p) > 0,
      causes: facts.decisions.map(({ cause, replayFor }) => (replayFor ? null : cause)),
    },
    {
      // Which partition a dead letter is in, nobody prescribes.
      cut: () => [...facts.kept['ride_details.transaction.dlq'].values()].some((start) => start > 0),
      causes: facts.parked.transaction.letters.map(({ from }) => from),
    },
  ].map(({ cut, causes }) => {
    const first = new Map<number, number>();
    for (const cause of causes)
      if (cause && !first.has(cause.partition)) first.set(cause.partition, cause.offset);
    return ({ partition, offset }: Place) =>
      cut(partition) && offset < (first.get(partition) ?? Number.POSITIVE_INFINITY);
  });
  return (request) => firsts.some((isGone) => isGone(request));
}
