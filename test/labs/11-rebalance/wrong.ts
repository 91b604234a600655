import type { WrongRepair } from '../engine/lab.ts';

const commit =
  'await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: next }] }] });';
const add = 'await points.add(ride.customer_id, 10, { topic, partition, offset });';
const nextOffset = 'const next = String(BigInt(offset) + 1n);';
const heartbeat =
  'await heartbeat(); // throws when the group is rebalanced, so this process joins again at once';

export const wrong: WrongRepair[] = [
  {
    name: 'shorter-session',
    hint: 'no-goodbye',
    of: 'starter',
    edits: [
      {
        from: 'sessionTimeout: 4000',
        to: 'sessionTimeout: 2000',
      },
    ],
  },
  {
    name: 'not-awaited',
    hint: 'not-awaited',
    edits: [{ from: 'await consumer.disconnect();', to: 'consumer.disconnect();' }],
  },
  { name: 'never-ends', hint: 'never-ends', edits: [{ from: 'process.exit();', to: '' }] },
  {
    name: 'finishes-its-batch',
    hint: 'finishes-batch',
    edits: [{ from: 'if (!isRunning()) return;', to: '' }],
  },
  { name: 'no-heartbeat', hint: 'no-heartbeat', edits: [{ from: heartbeat, to: '' }] },
  {
    name: 'one-heartbeat-per-batch',
    hint: 'no-heartbeat',
    edits: [
      { from: heartbeat, to: '' },
      { from: 'for (const', to: 'await heartbeat();\n      for (const' },
    ],
  },
  {
    name: 'commits-by-the-consumer',
    hint: 'commit-refused',
    edits: [{ from: commit, to: 'await consumer.commitOffsets([{ topic, partition, offset: next }]);' }],
  },
  {
    name: 'heartbeat-before-commit',
    hint: 'repeated',
    edits: [{ from: `${commit}\n        ${heartbeat}`, to: `await heartbeat();\n        ${commit}` }],
  },
  {
    name: 'commits-before-the-points',
    hint: 'commit-first',
    edits: [
      { from: `\n        ${commit}`, to: '' },
      { from: add, to: `${commit}\n        ${add}` },
      { from: nextOffset, to: '' },
      { from: 'const ride', to: `${nextOffset}\n        const ride` },
    ],
  },
  {
    name: 'leaves-the-batch-to-auto-commit',
    hint: 'batch-committed',
    edits: [
      { from: 'autoCommit: false,', to: '' },
      { from: commit, to: '' },
      { from: 'if (!isRunning()) return;', to: 'if (!isRunning()) break;' },
      { from: heartbeat, to: 'if (!(await heartbeat().then(() => true, () => false))) break;' },
    ],
  },
];
