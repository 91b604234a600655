/**
 * Messages that Kafka has deleted. Before their reader handled them, that is a violation; afterwards it is normal retention.
 */
import type { Facts, Place } from './facts.ts';
import type { Findings } from './findings.ts';

const inputs = { transaction: 'ride_details', email: 'ride_confirmed', analytics: 'ride_confirmed' } as const;

/**
 * @returns the number of messages that their readers will never handle. Once a reader has continued after them, they are no
 * longer visible here
 */
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
        `${messages} of ${topic}/${partition} expired before ${reader} handled ${gone === 1 ? 'it' : 'them'}: its committed offset is ${next}, and Kafka's first offset is ${start}.`,
        gone,
      );
    }
  return all;
}

/** Says how much was deleted from the beginning of the topics, whether or not it was handled; nothing if nothing was. */
export function noteDeleted(facts: Facts): string[] {
  const found = (['ride_details', 'ride_confirmed'] as const).flatMap((topic) => {
    const gone = [...facts.kept[topic].keys()].reduce((sum, p) => sum + keptFrom(facts, topic, p), 0);
    return gone > 0 ? [`${gone} ${gone === 1 ? 'offset' : 'offsets'} of ${topic}`] : [];
  });
  return found.length > 0
    ? [`Kafka has deleted the first ${found.join(' and ')}. Only the rest was read.`]
    : [];
}

/** The first offset that Kafka keeps, if that limits the check; 0 if the check starts later because of `from`. */
export function keptFrom(facts: Facts, topic: 'ride_details' | 'ride_confirmed', partition: number): number {
  const kept = facts.kept[topic].get(partition) ?? 0;
  return kept >= (facts.starts[topic].get(partition) ?? 0) ? kept : 0;
}

/**
 * Whether the outcome of a request may have been deleted. Decisions and dead letters have the order of their requests. So the
 * outcome may be deleted if the log has lost its beginning and its first record belongs to a later request.
 */
export function outcomeMayBeGone(facts: Facts): (request: Place) => boolean {
  const firsts = [
    {
      cut: (p: number) => keptFrom(facts, 'ride_confirmed', p) > 0,
      causes: facts.decisions.map(({ cause, replayFor }) => (replayFor ? null : cause)),
    },
    {
      // A dead letter can be in any partition.
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
