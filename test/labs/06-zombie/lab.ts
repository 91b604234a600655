/** Lab 6: a frozen process wakes up and writes; a database that fences refuses it. */
import type { Failure, Lab, Random } from '../engine/lab.ts';
import type { Outcome } from '../engine/outcome.ts';
import { aboutRide, found } from '../engine/saw.ts';
import { wrong } from './wrong.ts';

export const zombie: Lab = {
  number: 6,
  name: 'zombie',
  title: 'The zombie',
  about: 'a frozen process wakes up and must not overwrite anything: fencing',
  file: 'balances.ts',
  group: 'loyalty',
  effects: 'balances',
  question: {
    ask: 'A process asks "do I still own this partition?", gets the answer yes, and writes. Can it still overwrite the work of a successor?',
    answers: [
      'No, it has just asked.',
      'Yes: it can freeze between the answer and the write.',
      'No, Kafka stops a process that has lost its partition.',
    ],
    right: 2,
    because:
      'Every answer is old when it is used. Only the one who stores can compare and store in one step.',
  },
  checks: [
    {
      name: 'every ride is in the balance of its customer',
      does: 'books rides of one customer, starts the service, kills it in the middle of a write, and starts it again',
      scenario: (random) => ({
        lives: [{ rides: rides(random, 3), crash: `before-produce:${random.whole(1, 3)}` }, {}],
      }),
      judge: (outcome) => missing(outcome, 'lost'),
    },
    {
      name: 'a process that wakes up overwrites nothing',
      does: 'freezes the service in the middle of a write, lets another one take over, and wakes it up',
      scenario: (random) => ({
        lives: [{ rides: rides(random, 3), crash: 'before-produce:1', freeze: true }, {}],
      }),
      judge: (outcome) => missing(outcome, hintFor(outcome)),
    },
    {
      name: 'a process that wakes up after it has read overwrites nothing',
      does: 'freezes the service when it has read a balance, lets another one take over, and wakes it up',
      scenario: (random) => ({
        lives: [{ rides: rides(random, 3), crash: 'mid-statistics:1', freeze: true }, {}],
      }),
      judge: (outcome) => missing(outcome, 'claims-late'),
    },
  ],
  hints: {
    overwritten: [
      'Look at the balance before and after the frozen process woke up. Who wrote last, and what did it know?',
      'It read the balance before its pause. The write came after the work of its successor, and nobody refused it.',
      'Claim the partition before you read: `accounts.claim(partition)`. Pass the epoch to `accounts.write`.',
    ],
    'check-then-act': [
      'Your service asks before it writes. Where did it freeze?',
      'It froze after the answer. A check in the service can always be too old when the write happens.',
      'Let the database compare: `accounts.write(customer, points, place, epoch)` compares and stores in one step.',
    ],
    'never-claims': [
      'Your write has an epoch. Is it a different one in each of the two processes?',
      'Nobody has claimed the partition, so both processes have the same epoch and neither is older.',
      'Call `accounts.claim(partition)` when your process begins with a partition, and keep what it returns.',
    ],
    'claims-late': [
      'Where did your service freeze? What did it do with the partition after it woke up?',
      'It read the balance, froze, and claimed the partition after its successor. So it had the newest epoch and an old balance.',
      'Claim first: `accounts.claim(partition)`, then `accounts.read`, then `accounts.write` with that epoch.',
    ],
    'claims-again': [
      'The first write of the process that woke up was refused. What did your service do then?',
      'It claimed the partition again and wrote the balance that it had read before. A new epoch makes an old balance no newer.',
      'After `Fenced`, do not claim again. Throw the error, and let the balance be read anew.',
    ],
    lost: [
      'This ride is not in the balance, although its offset is committed.',
      'A write that is refused must not be followed by a commit.',
      'Let the error of `accounts.write` leave the handler: kafkajs calls it again, or the partition belongs to somebody else.',
    ],
  },
  holds:
    'A successor claims the partition before it reads. From then on, the database refuses every write with an older epoch, in the same step in which it would store it. A process that wakes up changes nothing, whatever it believes. Kafka does the same for transactions, by the epoch of a transactional id (lab 5).',
  open: 'The frozen process can do other things: send a mail, or call a service that knows no epochs. Fencing must be where the effect is. And a crash between the write and the commit still adds points twice: that is lab 3. Three things are not graded here: a claim for each message (it takes the partition away from a successor), epochs that are kept although the partitions were assigned anew, and a `Fenced` that is caught and followed by a commit.',
  starter: 'overwritten',
  wrong,
};

/** Of one customer, so that a balance contains several of them. */
function rides(random: Random, count: number) {
  const customer = `user_${random.whole(1, 9)}`;
  const partition = random.whole(0, 2);
  return Array.from({ length: count }, (_, i) => ({ number: i + 1, customer, partition }));
}

function missing(outcome: Outcome, hint: string): Failure | null {
  const lost = found(outcome, 'lost');
  return lost ? aboutRide(lost, hint, 'is not in the balance of its customer: it was overwritten') : null;
}

function hintFor({ begun }: Outcome): string {
  const times = (call: string) => begun.get(call) ?? 0;
  if (times('epoch') > 0 && times('claim') === 0) return 'never-claims';
  if (times('epoch') > times('read')) return 'claims-again';
  return times('newest') > 0 || times('read') > times('write') ? 'check-then-act' : 'overwritten';
}
