import type { WrongRepair } from '../engine/lab.ts';

export const wrong: WrongRepair[] = [
  {
    name: 'effect-not-awaited',
    hint: 'not-awaited',
    edits: [{ from: 'await points.add', to: 'void points.add' }],
  },
  {
    name: 'never-commits',
    hint: 'never-commits',
    edits: [{ from: 'await consumer.commitOffsets([{ topic, partition, offset: next }]);', to: '' }],
  },
  {
    name: 'same-offset',
    hint: 'same-offset',
    edits: [{ from: 'String(BigInt(message.offset) + 1n)', to: 'message.offset' }],
  },
];
