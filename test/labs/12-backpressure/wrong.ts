import type { WrongRepair } from '../engine/lab.ts';

const workers = `// One list for each customer. Six workers take list after list; the rides of one list stay in order.
      const lists = Map.groupBy(messages, ({ key }) => String(key)).values();
      const worker = async () => {
        for (const rides of lists)
          for (const { offset, value } of rides)
            await payments.take(JSON.parse(String(value)), { topic, partition, offset });
      };
      await Promise.all([worker(), worker(), worker(), worker(), worker(), worker()]);`;
const sixAtOnce = 'await Promise.all([worker(), worker(), worker(), worker(), worker(), worker()]);';
const take = 'payments.take(JSON.parse(String(value)), { topic, partition, offset })';
const oneByOne = `for (const { offset, value } of messages) await ${take};`;
const partitionsAtOnce = { from: 'eachBatch:', to: 'partitionsConsumedConcurrently: 6,\n    eachBatch:' };
const next = 'Math.max(Number(low), committed.get(partition) ?? -1)';
const withReaders = 'waiting.filter((rides) => rides > 0).length';

export const wrong: WrongRepair[] = [
  {
    name: 'counts-all-messages',
    hint: 'not-lag',
    edits: [{ from: 'Number(high) - next', to: 'Number(high)' }],
  },
  {
    name: 'begins-at-zero',
    hint: 'deleted',
    edits: [{ from: next, to: 'Math.max(0, committed.get(partition) ?? 0)' }],
  },
  {
    name: 'trusts-any-commit',
    hint: 'deleted',
    edits: [
      {
        from: next,
        to: '(committed.get(partition) ?? -1) < 0 ? Number(low) : Number(committed.get(partition))',
      },
    ],
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
  { name: 'one-by-one', hint: 'one-by-one', edits: [{ from: workers, to: oneByOne }] },
  {
    name: 'five-workers',
    hint: 'too-few',
    edits: [{ from: sixAtOnce, to: sixAtOnce.replace('worker(), ', '') }],
  },
  {
    name: 'not-awaited',
    hint: 'committed-ahead',
    edits: [{ from: workers, to: `for (const { offset, value } of messages) void ${take};` }],
  },
  {
    name: 'whole-batch-at-once',
    hint: 'overload',
    edits: [{ from: workers, to: `await Promise.all(messages.map(({ offset, value }) => ${take}));` }],
  },
  {
    name: 'a-worker-for-each-customer',
    hint: 'overload',
    edits: [{ from: sixAtOnce, to: 'await Promise.all(Array.from({ length: messages.length }, worker));' }],
  },
  { name: 'six-workers-for-each-partition', hint: 'overload', edits: [partitionsAtOnce] },
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
    edits: [{ from: workers, to: oneByOne }, partitionsAtOnce],
  },
];
