import type { WrongRepair } from '../engine/lab.ts';

const oneByOne = `for (const { offset, value } of messages)
        await payments.take(JSON.parse(String(value)), { topic, partition, offset });`;
const take = 'payments.take(JSON.parse(String(value)), { topic, partition, offset })';
const sixWorkers = 'await Promise.all([worker(), worker(), worker(), worker(), worker(), worker()]);';
const next = 'Math.max(Number(low), committed.get(partition) ?? -1)';
const withReaders = 'waiting.filter((rides) => rides > 0).length';

export const wrong: WrongRepair[] = [
  {
    name: 'not-awaited',
    hint: 'committed-ahead',
    of: 'starter',
    edits: [{ from: `await ${take}`, to: `void ${take}` }],
  },
  {
    name: 'whole-batch-at-once',
    hint: 'overload',
    of: 'starter',
    edits: [{ from: oneByOne, to: `await Promise.all(messages.map(({ offset, value }) => ${take}));` }],
  },
  {
    name: 'a-worker-for-each-customer',
    hint: 'overload',
    edits: [{ from: sixWorkers, to: 'await Promise.all(Array.from({ length: messages.length }, worker));' }],
  },
  {
    name: 'six-workers-for-each-partition',
    hint: 'overload',
    edits: [{ from: 'eachBatch:', to: 'partitionsConsumedConcurrently: 6,\n    eachBatch:' }],
  },
  {
    name: 'never-commits',
    hint: 'never-commits',
    edits: [{ from: 'eachBatch:', to: 'autoCommit: false,\n    eachBatch:' }],
  },
  {
    name: 'any-order',
    hint: 'mixed',
    edits: [
      {
        from: 'Map.groupBy(messages, ({ key }) => String(key))',
        to: 'Map.groupBy(messages, ({ offset }) => offset)',
      },
    ],
  },
  {
    name: 'partitions-at-once',
    hint: 'hot-partition',
    of: 'starter',
    edits: [{ from: 'eachBatch:', to: 'partitionsConsumedConcurrently: 6,\n    eachBatch:' }],
  },
  {
    name: 'counts-all-messages',
    hint: 'not-lag',
    edits: [{ from: 'Number(high) - next', to: 'Number(high)' }],
  },
  {
    name: 'forgets-uncommitted-partitions',
    hint: 'nothing-committed',
    edits: [{ from: next, to: 'committed.get(partition) ?? 0' }],
  },
  {
    name: 'scales-by-the-total',
    hint: 'processes',
    edits: [{ from: withReaders, to: 'Math.ceil(waiting.reduce((sum, rides) => sum + rides, 0) / 50)' }],
  },
  {
    name: 'a-process-for-each-partition',
    hint: 'processes',
    edits: [{ from: withReaders, to: 'waiting.length' }],
  },
];
