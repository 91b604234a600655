import type { WrongRepair } from '../engine/lab.ts';

const ends = '  // --- your part ends\n';
const parse = 'const ride = JSON.parse(String(message.value));';

export const wrong: WrongRepair[] = [
  {
    name: 'serves-at-once',
    hint: 'too-early',
    of: 'starter',
    edits: [
      { from: "groupId: 'counts'", to: "groupId: 'rebuild'" },
      { from: parse, to: `${parse}\n      if (ride.cancelled) return;` },
    ],
  },
  {
    name: 'in-place',
    hint: 'in-place',
    edits: [
      { from: '// --- your part begins', to: "// --- your part begins\n  await views.clear('live');" },
      { from: "count('rebuilt'", to: "count('live'" },
      { from: "serve('rebuilt'", to: "serve('live'" },
    ],
  },
  { name: 'keeps-the-bug', hint: 'bug', edits: [{ from: 'if (!ride.cancelled) ', to: '' }] },
  {
    name: 'stops',
    hint: 'stands-still',
    edits: [{ from: ends, to: `  await consumer.disconnect();\n${ends}` }],
  },
];
