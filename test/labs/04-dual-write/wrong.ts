import type { WrongRepair } from '../engine/lab.ts';

const insertRide = 'await db.insertRide(ride);';
const note = 'await db.insertIntoOutbox(ride);';
const send = "await producer.send({ topic: 'ride_details', messages: [record(ride)] });";
const forget = 'await db.deleteFromOutbox(number);';
const together = `await db.transaction(async () => {
        ${insertRide}
        ${note}
      });`;

export const wrong: WrongRepair[] = [
  {
    name: 'topic-first',
    hint: 'ghost',
    of: 'starter',
    edits: [{ from: `${insertRide}\n      ${send}`, to: `${send}\n      ${insertRide}` }],
  },
  {
    name: 'sends-in-transaction',
    hint: 'ghost',
    of: 'starter',
    edits: [
      {
        from: `${insertRide}\n      ${send}`,
        to: `await db.transaction(async () => {
        ${insertRide}
        ${send}
      });`,
      },
    ],
  },
  {
    name: 'no-relay-at-start',
    hint: 'at-start',
    edits: [{ from: 'await relay(); // what a crash has left', to: '' }],
  },
  {
    name: 'outbox-separate',
    hint: 'separate',
    edits: [{ from: together, to: `${insertRide}\n      ${note}` }],
  },
  {
    name: 'note-first',
    hint: 'note-first',
    edits: [{ from: together, to: `${note}\n      ${insertRide}` }],
  },
  {
    name: 'deletes-first',
    hint: 'deletes-first',
    edits: [{ from: `${send}\n      ${forget}`, to: `${forget}\n      ${send}` }],
  },
];
