import type { WrongRepair } from '../engine/lab.ts';

const onlyUnreadable = "if (name !== 'Unprocessable') throw error;";
const letter = 'messages: [tools.park(message, place, reason)],';
const park = `await transaction.send({
            topic: 'ride_details.transaction.dlq',
            ${letter}
          });`;

export const wrong: WrongRepair[] = [
  {
    name: 'skips',
    hint: 'vanished',
    edits: [
      { from: onlyUnreadable, to: '' },
      { from: park, to: "console.error('skipped', place, name, reason);" },
    ],
  },
  { name: 'parks-everything', hint: 'transient', edits: [{ from: onlyUnreadable, to: '' }] },
  {
    name: 'raw-record',
    hint: 'raw',
    edits: [{ from: letter, to: 'messages: [{ key: message.key, value: message.value }],' }],
  },
  {
    name: 'outside-the-transaction',
    hint: 'outside',
    edits: [
      {
        from: 'const writers =',
        to: `const parking = kafka.producer({ idempotent: true });
  await parking.connect();
  const writers =`,
      },
      { from: park, to: park.replace('transaction.send', 'parking.send') },
    ],
  },
];
