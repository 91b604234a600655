/** Lab 1: commits before and after the effect, and what a restart does. */
import type { Failure, Lab, Random } from '../engine/lab.ts';
import type { Outcome } from '../engine/outcome.ts';
import { aboutRide, found, placeOf } from '../engine/saw.ts';
import type { Booking } from '../engine/scenario.ts';
import { wrong } from './wrong.ts';

export const firstConsumer: Lab = {
  number: 1,
  name: 'first-consumer',
  title: 'First consumer',
  about: 'when to commit an offset, and what a restart does',
  file: 'loyalty.ts',
  group: 'loyalty',
  effects: 'points',
  question: {
    ask: 'The service commits the offset of a ride and crashes before it stores the points. What does it do after its restart?',
    answers: [
      'It reads the ride again and gives the points.',
      'It continues after the ride. The points are never given.',
      'Kafka notices the crash and delivers the ride to another service.',
    ],
    right: 2,
    because:
      'A restarted consumer continues at the committed offset. Kafka does not know whether the effect happened.',
  },
  checks: [
    {
      name: 'every ride gets its points, and a restart repeats nothing',
      does: 'books rides, starts the service, stops it, books more rides, starts it again',
      scenario: (random) => ({
        lives: [{ rides: rides(random, 1, 2) }, { rides: rides(random, 3, random.whole(1, 3)) }],
      }),
      judge: (outcome) => judge(outcome) ?? repeated(outcome),
    },
    {
      name: 'a crash right after the commit loses no ride',
      does: 'kills the service after a commit, and starts it again',
      scenario: (random) => {
        const count = random.whole(2, 4);
        const crash = `after-commit:${random.whole(1, count)}`;
        return { lives: [{ rides: rides(random, 1, count), crash }, {}] };
      },
      judge,
    },
    {
      name: 'a crash around the effect loses no ride',
      does: 'kills the service before it stores points and after it has stored points, and starts it again each time',
      scenario: (random) => ({
        lives: [
          { rides: rides(random, 1, 4), crash: `before-produce:${random.whole(1, 2)}` },
          { crash: `after-produce:${random.whole(1, 2)}` },
          {},
        ],
      }),
      judge,
    },
  ],
  hints: {
    'commit-first': [
      'Look at the order of the two calls: the commit and the points. What is true between them?',
      'Between the commit and the points, Kafka already counts the ride as done, but its points are not stored. A crash there loses them.',
      'Store the points first and wait for them (`await points.add(…)`). Commit the offset afterwards.',
    ],
    'not-awaited': [
      'Your service commits after it *called* `points.add`. Were the points stored at that moment?',
      '`points.add` returns a promise. Without `await`, the commit does not wait for the database.',
      'Write `await points.add(…)` before the commit.',
    ],
    'never-commits': [
      'The points are right. Which offset does the group `loyalty` have in Kafka?',
      'Without a commit, the service starts at the old offset after each restart, and gives all points again.',
      'After the points are stored, call `await consumer.commitOffsets([{ topic, partition, offset: next }])`.',
    ],
    'same-offset': [
      'Compare the committed offset with the offset of the last ride.',
      'The committed offset is the offset of the next message to read. Yours is the offset of the message that was just handled.',
      'Commit the offset of the message plus one: `String(BigInt(message.offset) + 1n)`.',
    ],
    repeats: [
      'No crash happened, and still a ride got points twice. What did the service know when it started again?',
      'The offset was committed too late or not for each ride, so the restarted service read rides again.',
      'Commit the next offset right after the points of each ride, and wait for the commit.',
    ],
    receipt: [
      'The points exist, but not for the right ride or customer.',
      'The third argument of `points.add` says which message the points are for.',
      'Pass `{ topic, partition, offset: message.offset }`, and the customer in the ride: `customer_id`.',
    ],
  },
  holds:
    'The offset is committed after the points are stored. At every moment, each ride before the committed offset has its points. A restart continues there, so no ride is left out. This is at-least-once delivery.',
  open: 'A crash between the points and the commit gives the points of one ride twice. Lab 3 repairs that.',
  starter: 'commit-first',
  wrong,
};

/** Rides of three customers on three partitions. */
function rides(random: Random, first: number, count: number): Booking[] {
  return Array.from({ length: count }, (_, i) => {
    const customer = random.whole(1, 3);
    return { number: first + i, customer: `user_${customer}`, partition: customer - 1 };
  });
}

/** At least once: a loss is a failure, a repetition is not. */
function judge(outcome: Outcome): Failure | null {
  const { begun, stalled, ends, committed } = outcome;
  const lost = found(outcome, 'lost');
  if (lost)
    return aboutRide(
      lost,
      begun.has(placeOf(outcome, lost)) ? 'not-awaited' : 'commit-first',
      'got no points',
    );
  const invented = found(outcome, 'invented');
  if (invented) return { hint: 'receipt', saw: invented.what, kind: 'invented' };
  if (!stalled || found(outcome, 'in flight')) return null;
  const late = [...ends].filter(([partition, end]) => (committed.get(partition) ?? 0) < end);
  const byOne = late.every(([partition, end]) => committed.get(partition) === end - 1);
  const [partition, end] = late[0] ?? [0, 0];
  return {
    hint: byOne && outcome.commits > 0 ? 'same-offset' : 'never-commits',
    saw: `All points are stored, but the committed offset of ride_details/${partition} is ${committed.get(partition)}. It must be ${end}.`,
  };
}

function repeated(outcome: Outcome): Failure | null {
  const again = found(outcome, 'duplicate');
  return again ? aboutRide(again, 'repeats', 'got points twice, although nothing crashed') : null;
}
