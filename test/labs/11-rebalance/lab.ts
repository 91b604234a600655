/** Lab 11: a rolling restart of three processes that share 12 partitions, and how long each partition stands still. */
import type { Lab } from '../engine/lab.ts';
import { busyRestart, group, rollingRestart } from './restarts.ts';
import { wrong } from './wrong.ts';

export const rebalance: Lab = {
  number: 11,
  name: 'rebalance',
  title: 'Rebalance',
  about: 'a rolling restart of three processes, and how long partitions stand still',
  file: 'loyalty.ts',
  group,
  effects: 'points',
  question: {
    ask: 'Three processes share 12 partitions. You end one of them and start a new one. Its consumer has not left the group. Which partitions stand still until Kafka notices that the old process is gone?',
    answers: [
      'None: the new process takes over the four partitions at once.',
      'The four partitions of the process that ended.',
      'All 12: the group cannot be rebalanced before each of its members has answered.',
    ],
    right: 3,
    because:
      'The new process joins, so the group is rebalanced. For that, Kafka waits for every member that it knows, and it still knows the one that ended: until its session times out.',
  },
  checks: [
    {
      name: 'in a rolling restart, each process leaves the group, and no ride is handled twice',
      does: 'lets three processes share 12 partitions, and stops and replaces one after another while rides keep coming',
      longest: 120_000,
      run: (_, __, ground, beside) => rollingRestart(ground, beside),
    },
    {
      name: 'nobody waits for the end of a batch',
      does: 'stops a process in the middle of a batch, while another process is in the middle of a batch as well',
      longest: 120_000,
      run: (_, random, ground, beside) => busyRestart(ground, beside, random),
    },
  ],
  hints: {
    'no-goodbye': [
      'Look at how long the partitions stood still. What did Kafka wait for, and how long?',
      'The process ended without telling Kafka. Kafka counts it as a member until its session times out. A shorter session makes that wait shorter, but it does not end it, and a process that is only slow then loses its partitions.',
      "On SIGTERM, leave the group before the process ends: `process.once('SIGTERM', async () => { await consumer.disconnect(); process.exit(); })`.",
    ],
    'not-awaited': [
      'Your process began to leave. Was the answer of Kafka there when it ended?',
      '`consumer.disconnect()` returns a promise. The process ended before the request was sent.',
      'Write `await consumer.disconnect()` before `process.exit()`.',
    ],
    'never-ends': [
      'Your process got SIGTERM. What keeps it running?',
      'A handler for SIGTERM replaces what Node does otherwise: end. A platform kills such a process after a while.',
      'Call `process.exit()` when the consumer has left the group.',
    ],
    'finishes-batch': [
      'How many rides did the process begin after it got SIGTERM?',
      '`consumer.disconnect()` waits for your `eachBatch`, and your loop goes on to the end of the batch. A batch can have thousands of messages.',
      'Stop the loop between two rides: `if (!isRunning()) return;`. kafkajs passes `isRunning` to `eachBatch`.',
    ],
    'no-heartbeat': [
      'One process has left. What did another one do until the group was rebalanced?',
      'It learns from the answer to a heartbeat that the group is being rebalanced. It sent none, or your code caught the error that `heartbeat()` threw. Everybody waited for it.',
      'Call `await heartbeat()` after each ride. kafkajs sends one when it is due, and the call throws when the process has to join again.',
    ],
    repeated: [
      'What had the process done with this ride when the group was rebalanced?',
      '`heartbeat()` throws when the group is being rebalanced. The points were stored, and the offset was not yet committed.',
      'Call `heartbeat()` when the ride is finished: after the points and after the commit.',
    ],
    'commit-refused': [
      'Look at the process that handled the ride first. What happened to it before it committed?',
      'It got SIGTERM. From the moment of `consumer.disconnect()`, `consumer.commitOffsets` does nothing and says nothing.',
      'Commit with the function that kafkajs passes to `eachBatch`, as in the file that you started with: `commitOffsetsIfNecessary({ topics })`. It works until `eachBatch` has returned.',
    ],
    'commit-first': [
      'Compare the committed offset with the ride. Which came first, the commit or the points?',
      'A commit says that all rides before this offset are handled. A process that dies between the commit and the points loses the ride.',
      'Store the points first: `await points.add(…)`. Commit the offset after that.',
    ],
    'batch-committed': [
      'Compare the committed offset with the last ride of this partition that got points.',
      'The commit covers rides that nobody has handled. With `autoCommit`, kafkajs counts the whole batch as handled when `eachBatch` returns, also after a `return` or `break` in its middle.',
      'Commit only what is handled: `autoCommit: false`, and `commitOffsetsIfNecessary({ topics })` after each ride, as in the file that you started with.',
    ],
    lost: [
      'The ride is on the topic, and nobody has handled it.',
      'An offset was committed for a ride without points, or a process has skipped rides.',
      'Commit the offset of a ride after its points are stored, and return from `eachBatch` only between two rides.',
    ],
  },
  holds:
    'A process that stops finishes the ride it is working on, commits it and leaves the group. The others learn that from their next heartbeat, also in the middle of a batch, and join again. So the partitions stand still for about one heartbeat interval and not for a session timeout, and the next process continues after the last finished ride.',
  open: 'kafkajs stops all partitions in each rebalance, also those that stay where they are, and there are two of them for each restart. Static members and the cooperative protocol of newer clients avoid that; kafkajs 2.2.4 has neither. A process that is killed cannot leave: its session timeout decides, and with a short one a slow process loses its partitions. One batch still blocks the other partitions of its process: see `partitionsConsumedConcurrently`. One thing is not graded here: an error of `points.add` that your code catches. In the check, it never throws; in real life, a commit after such an error loses the ride.',
  starter: 'no-goodbye',
  wrong,
};
