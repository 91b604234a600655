/** Lab 12: a slow service, what to measure, and when more processes help. */
import type { Lab } from '../engine/lab.ts';
import { group, hot, limit, partitions, spread } from './calls.ts';
import { measure } from './measure.ts';
import { wrong } from './wrong.ts';

export const backpressure: Lab = {
  number: 12,
  name: 'backpressure',
  title: 'Backpressure and lag',
  about: 'a slow service: what to measure, and when more processes help',
  file: 'payments.ts',
  group,
  effects: 'points',
  question: {
    ask: 'One process runs. In one of six partitions, more and more rides wait. You start two more processes. What happens to the rides that wait?',
    answers: [
      'Three processes share them, so they are handled about three times as fast.',
      'Nothing: a partition has one reader in the group, and the other two processes get none of them.',
      'Kafka moves some of them to the other partitions.',
    ],
    right: 2,
    because:
      'Kafka gives each partition to one member of a group. More processes help if rides wait in several partitions.',
  },
  checks: [
    {
      name: 'you know how many rides wait, and how many processes help',
      does: 'compares what your functions say with what was booked and committed',
      run: (exported, random, ground) => measure(exported, random, ground),
    },
    {
      name: 'the provider is busy, and never has too many calls',
      does: `lets one process take the payments for rides in ${partitions} partitions, and counts the calls that are on their way at once`,
      longest: 120_000,
      run: (_, __, ground, beside) => spread(ground, beside),
    },
    {
      name: 'rides that all wait in one partition do not wait for each other',
      does: 'lets three processes run while all rides wait in one partition',
      longest: 120_000,
      run: (_, random, ground, beside) => hot(ground, random, beside),
    },
  ],
  hints: {
    'not-lag': [
      'Compare the number with the offsets of this partition: its end, and what the group has committed.',
      'The end alone counts every message that was ever written, also those that are done.',
      'The lag is the end minus the committed offset: `Number(high) - committed`.',
    ],
    'nothing-committed': [
      'What is the committed offset of a partition for which nothing was ever committed?',
      'It is -1, and the service starts at the first message that Kafka still has.',
      'Count from `low` then: the larger one of `low` and the committed offset.',
    ],
    deleted: [
      'Look at the first offset that Kafka still has in this partition.',
      'Kafka has deleted the messages before it: their retention time is over. Nobody can handle them any more.',
      'Count from the larger one of `low` and the committed offset: `Math.max(Number(low), committed)`.',
    ],
    processes: [
      'In which partitions do rides wait? Who can read them?',
      'A partition has one reader in the group. The total says nothing about how many readers there can be.',
      'Count the partitions in which rides wait: `waiting.filter((rides) => rides > 0).length`.',
    ],
    'one-by-one': [
      'Many rides wait. What does your service do while the provider works on one of them?',
      `It waits. The provider would take ${limit} calls at once, but each call begins when the one before has ended.`,
      'Let six workers take lists of rides side by side, one list for each customer: `Map.groupBy(messages, ({ key }) => String(key)).values()`.',
    ],
    'too-few': [
      'How many calls does the provider allow, and how many did your service begin at once?',
      'Rides waited, and the provider could have taken more calls. What limits them in your code?',
      `Let ${limit} workers take lists of rides side by side, one list for each customer, and no fewer.`,
    ],
    'hot-partition': [
      'Look at which process handled how many rides. What did the others do?',
      'All rides are in one partition, so one process reads them, as one batch. Inside of one batch, your code begins too few calls. `partitionsConsumedConcurrently` and more processes help only if rides wait in several partitions.',
      'Work side by side inside of the batch: six workers that take the lists of customers from one iterator, `for (const rides of lists) …` in each.',
    ],
    overload: [
      'How many calls did your service begin before it waited for one?',
      `Nothing in your code limits them. A batch can have thousands of messages, and several batches can run at once. The provider allows ${limit} calls for each process.`,
      `Start ${limit} workers that share one iterator of lists, and wait for all of them. What is not begun stays in Kafka: that is backpressure.`,
    ],
    'committed-ahead': [
      'What is the lag of your service, as Kafka shows it, and how many rides are not handled?',
      'Kafka counts a ride as done when `eachBatch` returns. You do not wait for the payments, so the queue is in the memory of your process. Kafka shows no lag, and a crash loses what is in memory.',
      'Return from `eachBatch` when each payment is taken: `await` each call.',
    ],
    'never-commits': [
      'All payments are taken. What does the lag say that Kafka shows?',
      'No offset is committed, so every ride still counts as waiting. After a restart, all payments would be taken again.',
      'Without `autoCommit: false`, kafkajs commits when `eachBatch` returns.',
    ],
    mixed: [
      'Look at the two rides. Who booked them?',
      'They are of one customer, and two workers took them at the same time. The partition keeps their order, but your workers do not.',
      'Give a worker all rides of a customer: `Map.groupBy(messages, ({ key }) => String(key))`. The key is the customer.',
    ],
  },
  holds:
    'Six workers take the rides of a batch, one customer each, and the batch ends when all of them are done. So the provider never has more than six calls from this process, the rides of a customer stay in order, and what is not begun waits in Kafka and not in memory. So the lag is right: it counts every ride not handled yet.',
  open: 'The provider allows six calls for each process here. If it allowed six for all of them together, more processes would help nobody. One customer with very many rides still waits for each of them, in whatever process. A batch ends with its slowest list. And a lag as a number of rides says nothing about time: rideflow also measures how long the oldest ride has waited (`rideflow_oldest_waiting_ride_seconds`). One thing is not graded here: an error of `payments.take` that your code catches. In the check, it never throws; in real life, that payment is never taken.',
  starter: 'nothing-committed',
  wrong,
};
