import { afterEach, expect, test } from '@jest/globals';
import { mailIdentity } from '@rideflow/shared/mail-identity.ts';
import express from 'express';
import { serve } from '../fixtures.ts';
import { Mails } from './mails.ts';

const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

/** A mailbox as MailDev answers; the list is what it has. */
async function mailbox() {
  const box = { list: [] as object[], deleted: 0 };
  const app = express().get('/email', ({ query }, response) => {
    response.set('x-mails-deleted', String(box.deleted)).json(box.list.slice(Number(query.skip)));
  });
  const { url, close } = await serve(app);
  closes.push(close);
  return Object.assign(box, { url });
}
let made = 0;
const mail = (identity: string, came?: string) => ({
  id: `mail${made++}`,
  messageId: `<${mailIdentity(identity)}@rideflow.example>`,
  headers: { 'x-ride-id': 'r1' },
  ...(came && { came }),
});

test('each mail counts once, and a further one with the same Message-ID is a repeat', async () => {
  const box = await mailbox();
  const mails = new Mails(box.url, 100);
  expect(mails.tally).toBeNull();
  box.list.push(mail('a', '2026-01-01T00:00:00.250Z'));
  expect(await mails.ask()).toBe(true);
  box.list.push(mail('b'), mail('a', '2026-01-01T00:00:01.000Z'));
  await mails.ask();
  expect(await mails.ask()).toBe(false);
  expect(mails.tally).toEqual({ mails: 3, repeated: 1 });
  expect(mails.of('a')).toEqual([
    { at: Date.parse('2026-01-01T00:00:00.250Z') },
    { at: Date.parse('2026-01-01T00:00:01.000Z') },
  ]);
  expect(mails.of('b')).toEqual([{ at: null }]);
  expect(mails.of('c')).toEqual([]);
});

test('mails of others are not counted', async () => {
  const box = await mailbox();
  box.list.push({ id: 'x', messageId: '<x@example.com>', headers: {} });
  const mails = new Mails(box.url, 100);
  await mails.ask();
  expect(mails.tally).toEqual({ mails: 0, repeated: 0 });
});

test('what the mailbox deletes, or somebody in it, is neither forgotten nor counted again', async () => {
  const box = await mailbox();
  const mails = new Mails(box.url, 100);
  box.list.push(mail('a'), mail('b'), mail('c'));
  await mails.ask();
  // The oldest go as new ones come, and the mailbox says how many.
  box.list.splice(0, 2);
  box.deleted = 2;
  box.list.push(mail('d'), mail('a'));
  await mails.ask();
  expect(mails.tally).toEqual({ mails: 5, repeated: 1 });
  // Somebody deletes the newest.
  box.list.pop();
  await mails.ask();
  expect(mails.tally).toEqual({ mails: 5, repeated: 1 });
  // Somebody deletes them all.
  box.list.splice(0);
  await mails.ask();
  box.list.push(mail('e'));
  await mails.ask();
  expect(mails.tally).toEqual({ mails: 6, repeated: 1 });
});

test('a mailbox that does not answer is said not to be there, and is asked again', async () => {
  const box = await mailbox();
  const mails = new Mails('http://127.0.0.1:1', 100);
  expect(await mails.ask()).toBe(false);
  expect([mails.tally, mails.of('a')]).toEqual([null, null]);
  const later = new Mails(box.url, 100);
  box.list.push(mail('a'));
  await later.ask();
  expect(later.tally).toEqual({ mails: 1, repeated: 0 });
});

test('a mail comes on top of the committed decisions until its own is committed, a repeat for good', async () => {
  const box = await mailbox();
  const mails = new Mails(box.url, 100);
  box.list.push(mail('a'), mail('a'), mail('b'), mail('unknown'));
  await mails.ask();
  const decided = new Map([
    [mailIdentity('a'), { all: 1, committed: 0 }],
    [mailIdentity('b'), { all: 1, committed: 1 }],
  ]);
  let now = Date.now();
  const beyond = () => mails.beyond(now, (_ride, key) => decided.get(key));
  expect([beyond(), beyond()]).toEqual([2, 2]);
  decided.set(mailIdentity('unknown'), { all: 1, committed: 0 }); // the decision is seen after its mail
  expect(beyond()).toBe(3);
  decided.set(mailIdentity('a'), { all: 1, committed: 1 });
  decided.set(mailIdentity('unknown'), { all: 1, committed: 1 });
  expect(beyond()).toBe(1);
  now += 60_000;
  decided.clear();
  expect([beyond(), beyond()]).toEqual([1, 1]);
});

test('a ride that is decided twice and mailed twice counts as many mails as the mailbox has', async () => {
  const box = await mailbox();
  const mails = new Mails(box.url, 100);
  const decided = { all: 1, committed: 1 };
  /** As the sum counts: one for each committed decision, and those on top. */
  const mailed = (now: number) => decided.committed + mails.beyond(now, () => decided);
  box.list.push(mail('a'));
  await mails.ask();
  expect(mailed(Date.now() + 60_000)).toBe(box.list.length);
  decided.all = 2;
  box.list.push(mail('a'));
  await mails.ask();
  expect(mailed(Date.now())).toBe(box.list.length);
  decided.committed = 2;
  expect(mailed(Date.now())).toBe(box.list.length);
  expect(mailed(Date.now() + 60_000)).toBe(box.list.length);
  expect(mails.tally).toEqual({ mails: box.list.length, repeated: 1 });
});
