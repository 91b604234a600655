import type { WrongRepair } from '../engine/lab.ts';

const sendOffsets = `await transaction.sendOffsets({
          consumerGroupId: 'transaction',
          topics: [{ topic, partitions: [{ partition, offset: next }] }],
        });`;
const commitOffsets = 'await consumer.commitOffsets([{ topic, partition, offset: next }]);';
const commit = 'await transaction.commit();';

export const wrong: WrongRepair[] = [
  {
    name: 'offsets-after-transaction',
    hint: 'offsets-outside',
    edits: [
      { from: sendOffsets, to: '' },
      { from: commit, to: `${commit}\n        ${commitOffsets}` },
    ],
  },
  {
    name: 'offsets-before-transaction',
    hint: 'offsets-outside',
    edits: [{ from: sendOffsets, to: commitOffsets }],
  },
  {
    name: 'id-per-process',
    hint: 'id-per-process',
    edits: [{ from: 'transaction/ride_details/', to: 'transaction/${process.pid}/' }],
  },
  {
    name: 'offsets-not-read-again',
    hint: 'not-read-again',
    edits: [
      {
        from: `const [group] = await admin.fetchOffsets({ groupId: 'transaction', topics: ['ride_details'] });
    const committed = group?.partitions.find((one) => one.partition === partition)?.offset ?? '0';
    return { producer, committed: BigInt(committed) };`,
        to: 'return { producer };',
      },
      { from: 'if (BigInt(message.offset) < writer.committed) return;', to: '' },
    ],
  },
  {
    name: 'same-offset',
    hint: 'same-offset',
    edits: [{ from: 'String(BigInt(message.offset) + 1n)', to: 'message.offset' }],
  },
];
