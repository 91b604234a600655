import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { mailIdentity } from '@rideflow/shared/mail-identity.ts';
import express from 'express';
import { Mails } from './mails.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A mailbox as MailDev answers; the list is what it has. */
async function mailbox() {
  const box = { list: [] as object[], deleted: 0 };
  const app = express().get('/email', ({ query }, response) => {
    response.set('x-mails-deleted', String(box.deleted)).json(box.list.slice(Number(query.skip)));
  });
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return Object.assign(box, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server });
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

test('a mail whose offset is not committed is ahead of it, until it is', async () => {
  const box = await mailbox();
  const mails = new Mails(box.url, 100);
  box.list.push(mail('a'), mail('a'), mail('b'), mail('unknown'));
  await mails.ask();
  const finished = new Map([
    [mailIdentity('a'), false],
    [mailIdentity('b'), true],
  ]);
  const ahead = () => mails.ahead(Date.now(), (_ride, key) => finished.get(key));
  expect([ahead(), ahead()]).toEqual([1, 1]);
  finished.set(mailIdentity('unknown'), false); // the message is seen after its mail
  expect(ahead()).toBe(2);
  finished.set(mailIdentity('a'), true).set(mailIdentity('unknown'), true);
  expect(ahead()).toBe(0);
});
