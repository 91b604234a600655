/** Lab 4: a database and a topic, with a crash between them; repaired by an outbox. */
import type { Failure, Lab, Random } from '../engine/lab.ts';
import type { Outcome } from '../engine/outcome.ts';
import { found } from '../engine/saw.ts';
import { wrong } from './wrong.ts';

export const dualWrite: Lab = {
  number: 4,
  name: 'dual-write',
  title: 'The dual write',
  about: 'a database and a topic that must not disagree: the outbox',
  file: 'desk.ts',
  group: 'transaction',
  effects: 'rides',
  question: {
    ask: 'The desk writes to the topic inside of its database transaction, before the commit. What can a crash leave?',
    answers: [
      'Nothing: the transaction is rolled back.',
      'A ride in the database that is not on the topic.',
      'A ride on the topic that is not in the database.',
    ],
    right: 3,
    because: 'The rollback undoes the changes of the database. It cannot take back a message that Kafka has.',
  },
  checks: [
    {
      name: 'a crash before the message loses no ride',
      does: 'kills the desk when it is about to write to Kafka, and starts it again',
      scenario: (random) => {
        const count = random.whole(1, 3);
        return { lives: [{ rides: rides(random, count), crash: `before-produce:${count}` }, {}] };
      },
      judge: (outcome) => ghost(outcome) ?? lost(outcome, 'before'),
    },
    {
      name: 'a crash after the message invents no ride',
      does: 'kills the desk when Kafka has the ride, and starts it again',
      scenario: (random) => {
        const count = random.whole(1, 3);
        return { lives: [{ rides: rides(random, count), crash: `after-produce:${count}` }, {}] };
      },
      judge: (outcome) => ghost(outcome) ?? lost(outcome, 'before'),
    },
    {
      name: 'a crash in the database loses no ride',
      does: 'kills the desk between two changes of its database, and starts it again',
      scenario: (random) => {
        const count = random.whole(1, 3);
        return { lives: [{ rides: rides(random, count), crash: `mid-statistics:${2 * count - 1}` }, {}] };
      },
      judge: (outcome) => ghost(outcome, 'note-first') ?? lost(outcome, 'separate'),
    },
    {
      name: 'a crash while the outbox is emptied loses no ride',
      does: 'kills the desk when it has removed a row from the outbox, and starts it again',
      scenario: (random) => {
        const count = random.whole(1, 3);
        return { lives: [{ rides: rides(random, count), crash: `after-commit:${count}` }, {}] };
      },
      judge: (outcome) => ghost(outcome) ?? lost(outcome, 'deletes-first'),
    },
  ],
  hints: {
    before: [
      'The ride is in the database. What does the restarted desk know about the message that it owes?',
      'Nothing reminds it. The note that a ride is still to be sent must be stored together with the ride.',
      'In one `db.transaction`, call `db.insertRide` and `db.insertIntoOutbox`. Send from the outbox afterwards.',
    ],
    ghost: [
      'Kafka has a ride that the database does not know. In which order did the two happen?',
      'A message cannot be taken back. The database must be the first to know, and its transaction must be committed.',
      'Write nothing to Kafka in `db.transaction`. Put a note into the outbox there, and send after the transaction.',
    ],
    separate: [
      'The crash was between two changes of the database. What did the first one leave?',
      'The ride is stored, and the note in the outbox is not. They are two changes as long as no transaction holds them.',
      'Put `db.insertRide` and `db.insertIntoOutbox` into one `db.transaction(async () => { … })`.',
    ],
    'note-first': [
      'The crash was between two changes of the database. What did the first one leave?',
      'The ride and its note are two changes. A crash between them leaves only the note, and the restarted desk sends a ride that nobody has stored.',
      'Put `db.insertRide` and `db.insertIntoOutbox` into one `db.transaction(async () => { … })`.',
    ],
    'at-start': [
      'The note is in the outbox. Who reads it after the restart?',
      'Your desk empties the outbox only when the next customer comes.',
      'Empty the outbox in `start` too, before you return the desk.',
    ],
    'deletes-first': [
      'The row was removed from the outbox. Did Kafka have the ride at that moment?',
      'A crash between the removal and the message loses the ride. The other way round, it is sent twice, which is harmless.',
      'Send first and wait for it. Call `db.deleteFromOutbox` afterwards.',
    ],
  },
  holds:
    'The ride and the note that it is still to be sent are one change of the database. The note stays until Kafka has the ride. So after every crash, what is in the database reaches the topic: at least once, and readers recognise a repeat.',
  open: "The order of two rides, if several desks empty the same outbox. And delay: readers see a ride when the outbox is emptied. Without a database of its own, a service can avoid the dual write altogether: rideflow's desk answers when Kafka has the ride, and its view is built from the topic.",
  starter: 'before',
  wrong,
};

const rides = (random: Random, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    customer: `user_${random.whole(1, 9)}`,
    partition: 0,
  }));

/** A ride in the database that is not on the topic. */
function lost(outcome: Outcome, hint: string): Failure | null {
  if (!found(outcome, 'lost')) return null;
  const { facts, outbox, begun } = outcome;
  const missing = facts.accepted?.find(({ id }) => outcome.requestsOf(id).length === 0);
  return {
    hint: outbox > 0 ? 'at-start' : begun.has(missing?.id ?? '') ? 'deletes-first' : hint,
    saw: `The ride ${missing?.id} is in the database, but not on ride_details.`,
    ride: missing?.id,
    kind: 'lost',
    evidence: [
      ['database', `the ride ${missing?.id} of ${missing?.customer_id}`],
      ['outbox', outbox > 0 ? (outbox === 1 ? '1 row waits' : `${outbox} rows wait`) : 'empty'],
      ['topic', 'nothing'],
    ],
  };
}

/** A ride on the topic that is not in the database. */
function ghost({ report, facts }: Outcome, hint = 'ghost'): Failure | null {
  const known = new Set(facts.accepted?.map(({ id }) => id));
  const request = facts.requests.find(({ identity }) => !known.has(identity));
  if (report.table.unanswered === 0 || !request) return null;
  return {
    hint,
    saw: `The ride ${request.identity} is on ride_details, but not in the database.`,
    ride: request.identity,
    evidence: [['database', 'nothing']],
  };
}
