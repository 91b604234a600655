/** Lab 5: decisions and offset in one Kafka transaction, with kafkajs' own API. */
import type { Failure, Lab, Random } from '../engine/lab.ts';
import type { Outcome } from '../engine/outcome.ts';
import { aboutRide, found } from '../engine/saw.ts';
import { wrong } from './wrong.ts';

export const exactlyOnce: Lab = {
  number: 5,
  name: 'exactly-once',
  title: 'Exactly once',
  about: 'consume, transform, produce in one Kafka transaction',
  file: 'decider.ts',
  group: 'transaction',
  effects: 'decisions',
  question: {
    ask: 'A process freezes inside a transaction. Kafka gives its partition to another process. Then the first one wakes up and commits. What prevents that?',
    answers: [
      'The consumer group: the first process is no longer a member.',
      'The transactional id: the second process uses the same one, which fences the first.',
      'The idempotent producer: Kafka recognises the repeated decision.',
    ],
    right: 2,
    because:
      'Kafka accepts a transaction from a process that has lost its partition. Only a newer producer with the same transactional id stops it.',
  },
  checks: [
    {
      name: 'a crash before the commit decides no ride twice',
      does: 'kills the service when a decision is written and not committed, and starts it again',
      scenario: (random) => {
        const count = random.whole(2, 4);
        return {
          lives: [{ rides: rides(random, count), crash: `after-produce:${random.whole(1, count)}` }, {}],
        };
      },
      judge: (outcome) =>
        sameOffset(outcome) ??
        twice(outcome, outcome.transactionalIds.length === 0 ? 'no-transaction' : 'offsets-outside') ??
        lost(outcome),
    },
    {
      name: 'a crash after a commit decides no ride twice and loses none',
      does: 'kills the service right after it has committed something, and starts it again, twice',
      scenario: (random) => ({
        lives: [
          { rides: rides(random, random.whole(2, 4)), crash: 'after-commit:1' },
          { crash: `after-commit:${random.whole(1, 2)}` },
          {},
        ],
      }),
      judge: (outcome) => twice(outcome, 'offsets-outside') ?? lost(outcome),
    },
    {
      name: 'a process that was frozen writes nothing after another took over',
      does: 'freezes the service inside a transaction, lets another one take over, and wakes it up',
      scenario: (random) => ({
        lives: [{ rides: rides(random, 2), crash: `after-produce:${random.whole(1, 2)}`, freeze: true }, {}],
      }),
      judge: (outcome) => twice(outcome, 'id-per-process') ?? lost(outcome),
    },
    {
      name: 'a process that takes over does not decide what its predecessor has just committed',
      does: 'lets a frozen service commit after its successor has read its position, and before it is fenced',
      scenario: (random) => {
        const both = rides(random, 2);
        return {
          lives: [
            { rides: both.slice(0, 1), crash: 'after-produce:1', freeze: true },
            { rides: both.slice(1), hold: true },
          ],
        };
      },
      judge: (outcome) => twice(outcome, 'not-read-again') ?? lost(outcome),
    },
  ],
  hints: {
    'no-transaction': [
      'Look at the two decisions. Between which two calls did the service die?',
      'Writing the decision and committing the offset are two separate steps. A crash between them repeats the first one.',
      'Use a transactional producer, and put both into one transaction: `transaction.send(…)`, `transaction.sendOffsets(…)`, `transaction.commit()`.',
    ],
    'offsets-outside': [
      'There is a transaction. Is the offset a part of it?',
      '`consumer.commitOffsets` commits at once, outside of the transaction. A crash between that and the commit of the transaction decides a ride twice or never.',
      'Replace it by `transaction.sendOffsets({ consumerGroupId, topics })`, before `transaction.commit()`.',
    ],
    'id-per-process': [
      'The frozen process committed its transaction after another one had decided the ride. Which transactional ids did the two use?',
      'A producer only fences older producers with the same id. Yours had different ids, so nobody stopped the first one.',
      'Use one id for each input partition, the same in every process: `transaction/ride_details/${partition}`.',
    ],
    'not-read-again': [
      'The successor read its position before it fenced its predecessor. What could the predecessor still do in between?',
      'It could commit its transaction. The successor then begins at an offset that is already handled.',
      'After the first `producer.transaction()` of a partition, read the committed offset with `admin.fetchOffsets`, and skip messages before it.',
    ],
    'same-offset': [
      'Compare the committed offset with the offset of the last ride.',
      'The committed offset is the offset of the next message to read. Yours is the offset of the message that was just decided.',
      'Give `transaction.sendOffsets` the offset of the message plus one: `String(BigInt(message.offset) + 1n)`.',
    ],
    lost: [
      'The offset of this ride is committed, but there is no decision.',
      'The offset was committed although the decision was not, or the message was skipped by mistake.',
      'Commit the offset only by `transaction.sendOffsets`, in the transaction of the decision. Skip only offsets that are smaller than the committed one.',
    ],
  },
  holds:
    'Each transaction contains a decision and the offset after its ride. Only the newest producer of a partition can commit, and it begins at the offset that it read after it had fenced the others. So each offset is in exactly one committed transaction.',
  open: 'It holds between Kafka topics only. A mail or a database is not a part of the transaction: see lab 8. Readers must read committed messages only, which is the default of kafkajs. One transaction for each message is slow; rideflow puts a batch into each one (shared/src/kafka/guarantees/partition-writer.ts). Three things are not graded here: one transactional id for all partitions (processes with different partitions then fence each other), a producer that is used again after an error, and a committed offset that is compared with the first message only.',
  starter: 'no-transaction',
  wrong,
};

/** On one partition, so that their order is known. */
function rides(random: Random, count: number) {
  const partition = random.whole(0, 2);
  return Array.from({ length: count }, (_, i) => ({ number: i + 1, customer: `user_${i + 1}`, partition }));
}

function twice(outcome: Outcome, hint: string): Failure | null {
  const again = found(outcome, 'duplicate');
  return again ? aboutRide(again, hint, 'is decided twice') : null;
}

function lost(outcome: Outcome): Failure | null {
  const missing = found(outcome, 'lost');
  if (!missing) return null;
  const outside = outcome.commits > 0 && outcome.transactionalIds.length > 0;
  return aboutRide(
    missing,
    outside ? 'offsets-outside' : 'lost',
    'is never decided, although its offset is committed',
  );
}

/** The offsets are in the transaction, and each is that of the message instead of the next one. */
function sameOffset({ stalled, commits, transactionalIds, ends, committed }: Outcome): Failure | null {
  if (!stalled || commits > 0 || transactionalIds.length === 0) return null;
  const late = [...ends].find(([partition, end]) => committed.get(partition) === end - 1);
  if (!late) return null;
  const [partition, end] = late;
  return {
    hint: 'same-offset',
    saw: `All rides are decided, but the committed offset of ride_details/${partition} is ${end - 1}. It must be ${end}.`,
  };
}
