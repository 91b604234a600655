import type { WrongRepair } from '../engine/lab.ts';

const key = 'key: ride.customer_id';

export const wrong: WrongRepair[] = [
  { name: 'ride-as-key', hint: 'wrong-key', edits: [{ from: key, to: 'key: ride.id' }] },
  {
    name: 'place-as-key',
    hint: 'wrong-key',
    edits: [{ from: key, to: 'key: JSON.stringify(ride.location)' }],
  },
  { name: 'one-partition', hint: 'unused', edits: [{ from: key, to: 'partition: 0' }] },
  {
    name: 'three-partitions',
    hint: 'unused',
    edits: [
      {
        from: key,
        to: 'partition: [...ride.customer_id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 3',
      },
    ],
  },
  { name: 'one-key', hint: 'one-key', edits: [{ from: key, to: "key: 'rides'" }] },
];
