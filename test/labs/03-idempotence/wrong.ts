import type { WrongRepair } from '../engine/lab.ts';

const coordinates = '`${topic}/${partition}/${message.offset}`';
const identity = `message.headers?.ce_id?.toString() ?? ${coordinates}`;
const remember = 'await points.remember(identity);';
const add = 'await points.add(ride.customer_id, 10, place);';

const transactionBegins = `await points.transaction(async () => {
        if (await points.remembers(identity)) return;`;
const transactionEnds = `});
      // --- your part ends`;
const blockEnds = `}
      // --- your part ends`;

export const wrong: WrongRepair[] = [
  { name: 'by-coordinates', hint: 'coordinates', edits: [{ from: identity, to: coordinates }] },
  { name: 'by-id', hint: 'id', edits: [{ from: identity, to: 'ride.id' }] },
  { name: 'only-ce-id', hint: 'no-ce-id', edits: [{ from: identity, to: 'String(message.headers?.ce_id)' }] },
  {
    name: 'in-memory',
    hint: 'memory',
    of: 'starter',
    edits: [
      { from: 'export default', to: 'const seen = new Set<string>();\n\nexport default' },
      {
        from: add,
        to: `const identity = ${identity};
      if (!seen.has(identity)) ${add}
      seen.add(identity);`,
      },
    ],
  },
  {
    name: 'remembers-last',
    hint: 'remembers-last',
    of: 'starter',
    edits: [
      {
        from: add,
        to: `const identity = ${identity};
      if (!(await points.remembers(identity))) {
        ${add}
        ${remember}
      }`,
      },
    ],
  },
  {
    name: 'remembers-first',
    hint: 'remembers-first',
    edits: [
      { from: transactionBegins, to: 'if (!(await points.remembers(identity))) {' },
      { from: transactionEnds, to: blockEnds },
    ],
  },
  {
    name: 'add-not-awaited',
    hint: 'not-awaited',
    edits: [{ from: 'await points.add', to: 'points.add' }],
  },
  {
    name: 'remembers-not-awaited',
    hint: 'not-awaited',
    edits: [
      { from: transactionBegins, to: 'if (!points.remembers(identity)) {' },
      { from: transactionEnds, to: blockEnds },
    ],
  },
];
