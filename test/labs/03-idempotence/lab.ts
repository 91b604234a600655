/** Lab 3: at least once, made harmless by remembering the identity of each ride together with its effect. */
import type { Failure, Lab } from '../engine/lab.ts';
import type { Outcome } from '../engine/outcome.ts';
import { aboutRide, found, placeOf } from '../engine/saw.ts';
import { wrong } from './wrong.ts';

export const idempotence: Lab = {
  number: 3,
  name: 'idempotence',
  title: 'Idempotence',
  about: 'a ride that is read or stored twice counts once',
  file: 'loyalty.ts',
  group: 'loyalty',
  effects: 'points',
  question: {
    ask: 'The service remembers the offsets of all rides that it has handled, and skips them. Does each ride count once?',
    answers: [
      'Yes. An offset is unique in its partition.',
      'No. A writer that repeats a ride stores it at another offset.',
      'No. Kafka reuses offsets after a restart.',
    ],
    right: 2,
    because:
      'Coordinates identify a stored message, not a ride. A retried request is the same ride with the same ce_id, at a new offset.',
  },
  checks: [
    {
      name: 'a ride that Kafka stored twice gets points once',
      does: 'stores one of the rides again, as a writer does that saw no answer',
      scenario: (random) => {
        const partition = random.whole(0, 2);
        const ride = { number: 1, customer: `user_${random.whole(1, 9)}`, partition };
        return {
          lives: [{ rides: [ride, { number: 2, customer: 'user_2', partition: random.whole(0, 2) }, ride] }],
        };
      },
      judge: (outcome) => {
        if (outcome.begun.has('not awaited'))
          return { hint: 'not-awaited', saw: 'A call in the transaction was not awaited.' };
        const again = found(outcome, 'duplicate');
        const [first] = outcome.remembered;
        return again
          ? aboutRide(
              again,
              first === undefined ? 'none' : 'coordinates',
              'is stored twice and got points twice',
            )
          : lost(outcome);
      },
    },
    {
      name: 'different rides with the same id all get points',
      does: 'stores rides as foreign writers do: without headers, with an id that starts at 0 again',
      scenario: (random) => {
        const partition = random.whole(0, 2);
        const foreign = (number: number, id: string) => ({
          number,
          id,
          customer: `user_${number}`,
          partition,
          foreign: true as const,
        });
        return { lives: [{ rides: [foreign(1, '0'), foreign(2, '1'), foreign(3, '0')] }] };
      },
      judge: (outcome) => lost(outcome),
    },
    {
      name: 'a crash after the points gives no ride points twice',
      does: 'kills the service when it has stored points and has not committed, and starts it again',
      scenario: (random) => ({
        lives: [{ rides: rides(3), crash: `after-produce:${random.whole(1, 3)}` }, {}],
      }),
      judge: (outcome) => {
        const again = found(outcome, 'duplicate');
        return again
          ? aboutRide(again, outcome.remembered.length > 0 ? 'remembers-last' : 'memory', 'got points twice')
          : lost(outcome);
      },
    },
    {
      name: 'a crash before the points loses no ride',
      does: 'kills the service when it is about to store points, and starts it again',
      scenario: (random) => ({
        lives: [{ rides: rides(3), crash: `before-produce:${random.whole(1, 3)}` }, {}],
      }),
      judge: (outcome) => lost(outcome),
    },
  ],
  hints: {
    none: [
      'Both messages have the same header ce_id: they are one ride. What does your service know about the first one when it reads the second?',
      'The service must remember which rides have their points, and skip those.',
      'Ask `points.remembers(identity)` before the points, and call `points.remember(identity)` with them.',
    ],
    coordinates: [
      'Look at the two coordinates of the ride. What is different, and what is the same?',
      'Your key contains the offset. The same ride has another offset when it is stored again.',
      'Use the header as the key: `message.headers?.ce_id?.toString()`.',
    ],
    id: [
      'Two different rides have the same `id`. Who gave them that?',
      'The `id` in a message is the choice of its writer. Foreign scripts count from 0 at each start.',
      'Use the header ce_id as the key, and where it is missing, the coordinates of the message.',
    ],
    'no-ce-id': [
      'Which key does your service remember for a message without headers?',
      'All messages without ce_id have the same key in your service, so only the first of them gets points.',
      'Use another key where the header is missing: message.headers?.ce_id?.toString() ?? `${topic}/${partition}/${message.offset}`',
    ],
    memory: [
      'The service was killed and started again. Where was what it knew about the rides?',
      'A variable is gone after a crash. The rides that need it most are those around the crash.',
      'Remember in the database: `points.remember(identity)`, in one `points.transaction` with the points.',
    ],
    'remembers-last': [
      'Look at the moment of the crash. The points are stored. Does the database remember the ride?',
      'Points and memory are two separate changes. A crash between them leaves the points without the memory.',
      'Put both into one transaction: `await points.transaction(async () => { … })`.',
    ],
    'remembers-first': [
      'Look at the moment of the crash. The database remembers the ride. Are its points stored?',
      'Memory and points are two separate changes. A crash between them leaves the memory without the points, and the restart skips the ride.',
      'Put both into one transaction: `await points.transaction(async () => { … })`.',
    ],
    'not-awaited': [
      'Look at the calls of `points` in your file. Which of them has no `await`?',
      'All of them are asynchronous. Without `await`, a transaction ends before its calls, and `if (points.remembers(…))` is always true.',
      'Write `await` in front of each call of `points`.',
    ],
    lost: [
      'This ride is committed, but it has no points.',
      'The offset must be committed after the points are stored, and not for a ride that was left out by mistake.',
      '`npm run lab -- reset` restores the file that you started with: its commit is in the right place.',
    ],
  },
  holds:
    'The identity of a ride and its points are stored in one database transaction. So the memory is right after every crash, and a ride that is read or stored again changes nothing.',
  open: 'The memory grows with each ride. Real systems forget identities after a time that is longer than any retry. Also, this works because points and memory are in one database. Where the effect is another message in Kafka, lab 5 does the same with a Kafka transaction.',
  starter: 'none',
  wrong,
};

const rides = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ number: i + 1, customer: `user_${i + 1}`, partition: i % 3 }));

function lost(outcome: Outcome): Failure | null {
  const violation = found(outcome, 'lost');
  if (!violation?.ride) return null;
  const [request] = outcome.requestsOf(violation.ride);
  const keys = outcome.remembered;
  const has = (key: string) => keys.includes(key);
  const identity = violation.ride;
  if (has('undefined') || has('null') || has('')) return aboutRide(violation, 'no-ce-id', 'got no points');
  if (request?.id && request.id !== identity && has(request.id))
    return aboutRide(violation, 'id', `has the id ${request.id}, as another ride, and got no points`);
  const tried = outcome.begun.has('remembers') && !outcome.begun.has(placeOf(outcome, violation));
  if (keys.length === 0 && tried)
    return aboutRide(violation, 'not-awaited', 'got no points, and is not remembered');
  return aboutRide(violation, has(identity) ? 'remembers-first' : 'lost', 'got no points');
}
