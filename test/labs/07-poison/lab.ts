/** Lab 7: a message that cannot be read must neither stop the partition nor vanish. */
import type { Failure, Lab, Random } from '../engine/lab.ts';
import type { Outcome } from '../engine/outcome.ts';
import { aboutRide, found } from '../engine/saw.ts';
import type { Booking } from '../engine/scenario.ts';
import { wrong } from './wrong.ts';

export const poison: Lab = {
  number: 7,
  name: 'poison',
  title: 'Poison',
  about: 'a message that cannot be read stops nobody and is not lost',
  file: 'decider.ts',
  group: 'transaction',
  effects: 'decisions',
  question: {
    ask: 'A message cannot be read, and the service throws an error for it each time. What happens to the rides behind it on the same partition?',
    answers: [
      'Kafka skips the message after some attempts.',
      'They wait until somebody changes something.',
      'They are handled, because the error concerns one message only.',
    ],
    right: 2,
    because:
      'Kafka delivers a partition in order and knows nothing of errors. The reader decides when to go on.',
  },
  checks: [
    {
      name: 'a message that cannot be read does not stop its partition, and is kept',
      does: 'writes a message that is not a ride between two rides',
      scenario: (random) => {
        const partition = random.whole(0, 2);
        const before = random.whole(0, 1);
        const rides = Array.from({ length: before + 2 }, (_, i): Booking => ride(i + 1, partition));
        const first = rides[before];
        if (first) first.value = badValue(random);
        return { lives: [{ rides }] };
      },
      judge: (outcome) => lost(outcome) ?? stuck(outcome),
    },
    {
      name: 'a failure that passes by itself is not a dead letter',
      does: 'books rides with a payment provider that does not answer twice',
      scenario: (random) => ({
        lives: [
          { rides: [{ ...ride(1, random.whole(0, 2)), token: 'tok_flaky' }, ride(2, random.whole(0, 2))] },
        ],
      }),
      judge: (outcome) => {
        const { deadLettered } = outcome.report.table;
        if (deadLettered === 0) return lost(outcome) ?? stuck(outcome);
        return {
          hint: 'transient',
          saw: 'A ride is a dead letter, although it can be read: the payment provider did not answer at the first attempt.',
          ride: parkedRide(outcome),
        };
      },
    },
    {
      name: 'a crash after parking makes one dead letter',
      does: 'kills the service when the dead letter is written and nothing is committed, and starts it again',
      scenario: (random) => {
        const partition = random.whole(0, 2);
        const bad = { ...ride(1, partition), value: badValue(random) };
        return { lives: [{ rides: [bad, ride(2, partition)], crash: 'after-produce:1' }, {}] };
      },
      judge: (outcome) => {
        const again = found(outcome, 'duplicate');
        if (again) return { hint: 'outside', saw: again.what, kind: again.kind, ride: parkedRide(outcome) };
        return lost(outcome) ?? stuck(outcome);
      },
    },
  ],
  hints: {
    stuck: [
      'Where does the committed offset stand still? Look at the message there, and at the output of your service.',
      '`decide` throws for this message each time, so kafkajs calls your handler with it again and again.',
      'Catch the error. If its name is `Unprocessable`, send `tools.park(message, place, reason)` to ride_details.transaction.dlq.',
    ],
    vanished: [
      'The offset of this message is committed. Where is the message now?',
      'Nobody will find it: it has no decision and no dead letter. A log line is not enough to correct and replay it.',
      'In the `catch`, send it to the dead-letter topic: `transaction.send({ topic, messages: [tools.park(message, place, reason)] })`.',
    ],
    raw: [
      'Look at the record that you sent to the dead-letter topic. How does somebody find out where it comes from, and what was wrong?',
      'The message alone does not say that. A replay needs the coordinates, and a person needs the reason.',
      'Send the record that `tools.park(message, place, reason)` returns.',
    ],
    transient: [
      'Which error did `decide` throw for this ride? Would the same message work a second later?',
      'Only a message that can never be read is a dead letter. Other errors pass, and the customer waits for this ride.',
      "Look at the name of the error: `if (error.name !== 'Unprocessable') throw error`.",
    ],
    outside: [
      'The message is a dead letter twice. When did the service die?',
      'The dead letter was written at once, the offset was not. After the restart, the message was read and parked again.',
      'Send the dead letter by `transaction.send`, so that it is in one transaction with the offset.',
    ],
  },
  holds:
    'A message that can never be read becomes a dead letter in the same transaction as its offset: once, whatever happens. The partition goes on. Failures that pass are retried in order, so nothing overtakes them.',
  open: 'Order: the rides behind a dead letter are handled before it is replayed. A replay must therefore be harmless when it comes late. And somebody has to look: rideflow counts dead letters in its metrics, and the flow page shows them.',
  starter: 'stuck',
  wrong,
};

const ride = (number: number, partition: number): Booking => ({
  number,
  customer: `user_${number}`,
  partition,
});

const badValue = (random: Random) =>
  random.pick(['not JSON', '{"customer_id": 7}', '[]', '{"location":"?"}']);

function lost(outcome: Outcome): Failure | null {
  const missing = found(outcome, 'lost');
  if (missing && outcome.letters.some(({ from }) => from === null))
    return {
      hint: 'raw',
      saw: 'A record is on the dead-letter topic, but without coordinates and reason: use tools.park.',
      ride: missing.ride,
      kind: missing.kind,
    };
  return missing
    ? aboutRide(missing, 'vanished', 'is neither decided nor a dead letter, although its offset is committed')
    : null;
}

function stuck(outcome: Outcome): Failure | null {
  const waiting = found(outcome, 'in flight');
  return waiting ? aboutRide(waiting, 'stuck', 'waits: its partition stands still') : null;
}

/** The first ride that was parked. */
function parkedRide({ facts }: Outcome): string | undefined {
  const from = facts.parked.transaction.letters.at(-1)?.from;
  return facts.requests.find(
    ({ partition, offset }) => partition === from?.partition && offset === from.offset,
  )?.identity;
}
