import type { WrongRepair } from '../engine/lab.ts';

const ends = '  // --- your part ends\n';
const newWriter = 'write: (rest, driver) => ({ ...rest, assigned_driver: driver }),';
const newReader = "read: (message) => field(message, 'assigned_driver'),";
const lastRelease = `  {
    ${newWriter}
    ${newReader}
    afterRetention: true,
  },
`;
const migrate = `  // Migrate: writers use the new name.
  {
    ${newWriter}
    read: (message) => field(message, 'assigned_driver', 'alloted_driver'),
  },
`;
const contract = `  // Contract: no message with the old name is kept.\n${lastRelease}`;

export const wrong: WrongRepair[] = [
  {
    name: 'at-once',
    hint: 'old-readers',
    of: 'starter',
    edits: [{ from: ends, to: `  {\n    ${newWriter}\n    ${newReader}\n  },\n${ends}` }],
  },
  {
    name: 'writers-first',
    hint: 'old-readers',
    of: 'starter',
    edits: [
      {
        from: ends,
        to: `  {
    write: (rest, driver) => ({ ...rest, alloted_driver: driver, assigned_driver: driver }),
    read: (message) => field(message, 'alloted_driver'),
  },
${lastRelease}${ends}`,
      },
    ],
  },
  { name: 'contract-early', hint: 'new-readers', edits: [{ from: migrate, to: '' }] },
  {
    name: 'no-retention',
    hint: 'retention',
    edits: [{ from: 'afterRetention: true,', to: '' }],
  },
  {
    name: 'rejected-forgotten',
    hint: 'rejected',
    edits: [{ from: 'name in message', to: 'message[name]' }],
  },
  { name: 'never-contracts', hint: 'not-renamed', edits: [{ from: contract, to: '' }] },
  {
    name: 'replaces-today',
    hint: 'today',
    of: 'starter',
    edits: [
      { from: 'alloted_driver: driver }', to: 'alloted_driver: driver, assigned_driver: driver }' },
      { from: "field(message, 'alloted_driver')", to: "field(message, 'assigned_driver', 'alloted_driver')" },
      { from: ends, to: `${lastRelease}${ends}` },
    ],
  },
  {
    name: 'drops-fields',
    hint: 'other-fields',
    edits: [
      {
        from: migrate,
        to: migrate.replace(
          newWriter,
          'write: ({ id, customer_id }, driver) => ({ id, customer_id, assigned_driver: driver }),',
        ),
      },
    ],
  },
  {
    name: 'always-waits',
    hint: 'waits',
    edits: ['Migrate', 'Contract'].map((release) => ({
      from: `  },\n  // ${release}`,
      to: `    afterRetention: true,\n  },\n  // ${release}`,
    })),
  },
  {
    name: 'null-for-missing',
    hint: 'null-for-missing',
    edits: [
      { from: newReader, to: 'read: (message) => (message.assigned_driver ?? null) as string | null,' },
    ],
  },
];
