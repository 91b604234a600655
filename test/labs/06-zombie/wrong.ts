import type { WrongRepair } from '../engine/lab.ts';

const write = 'await accounts.write(customer_id, points + 10, place);';
const fencedWrite = 'await accounts.write(customer_id, points + 10, place, epoch);';
const read = 'const points = await accounts.read(customer_id);';
const claim = `const epoch = epochs.get(partition) ?? (await accounts.claim(partition));
      epochs.set(partition, epoch);`;

export const wrong: WrongRepair[] = [
  {
    name: 'looks-first',
    hint: 'check-then-act',
    edits: [
      { from: 'consumer.on(consumer.events.GROUP_JOIN, () => epochs.clear());', to: '' },
      {
        from: fencedWrite,
        to: `if ((await accounts.newest(partition)) !== epoch) throw new Error('another process has the partition');
      ${write}`,
      },
    ],
  },
  {
    name: 'reads-again',
    hint: 'check-then-act',
    of: 'starter',
    edits: [
      {
        from: read,
        to: `${read}
      if ((await accounts.read(customer_id)) !== points)
        throw new Error('somebody else has changed the balance');`,
      },
    ],
  },
  {
    name: 'never-claims',
    hint: 'never-claims',
    of: 'starter',
    edits: [
      { from: read, to: `const epoch = await accounts.newest(partition);\n      ${read}` },
      { from: write, to: fencedWrite },
    ],
  },
  {
    name: 'longer-session',
    hint: 'overwritten',
    of: 'starter',
    edits: [{ from: "groupId: 'loyalty'", to: "groupId: 'loyalty', sessionTimeout: 60_000" }],
  },
  {
    name: 'claims-late',
    hint: 'claims-late',
    edits: [{ from: `${claim}\n      ${read}`, to: `${read}\n      ${claim}` }],
  },
  {
    name: 'claims-again',
    hint: 'claims-again',
    edits: [
      {
        from: fencedWrite,
        to: `try {
        ${fencedWrite}
      } catch {
        const again = await accounts.claim(partition);
        await accounts.write(customer_id, points + 10, place, again);
      }`,
      },
    ],
  },
];
