import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { mailboxRoutes } from './mailbox.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(app: Express) {
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A mailbox with one mail, as MailDev answers. */
const maildev = () =>
  serve(
    express().get('/email', (request, response) => {
      response.json(request.query['headers.x-ride-id'] === 'ride 1' ? [{ id: 'mail1' }] : []);
    }),
  );

async function pageAt(inside: string, path: string) {
  const app = express();
  mailboxRoutes(app, { inside, outside: 'http://mails.example:1080', bar: '<nav>the bar</nav>' });
  const response = await fetch((await serve(app)) + path);
  const text = await response.text();
  return { response, text, shown: /<iframe [^>]*src="([^"]*)"/.exec(text)?.[1] };
}

test('the mailbox stands under the bar, and nothing but the mailbox may be framed there', async () => {
  const { response, text, shown } = await pageAt(await maildev(), '/mailbox');
  expect(text).toContain('<nav>the bar</nav>');
  expect(shown).toBe('http://mails.example:1080');
  expect(response.headers.get('content-security-policy')).toMatch(
    /; frame-src http:\/\/mails\.example:1080$/,
  );
});

test('the mail of a ride is found by the ride', async () => {
  const mailbox = await maildev();
  expect((await pageAt(mailbox, '/mailbox?ride=ride%201')).shown).toBe(
    'http://mails.example:1080/#/email/mail1',
  );
  expect((await pageAt(mailbox, '/mailbox?ride=other')).shown).toBe('http://mails.example:1080');
});

test('while the mailbox does not answer, the page is there all the same', async () => {
  const { response, shown } = await pageAt('http://127.0.0.1:1', '/mailbox?ride=x');
  expect([response.status, shown]).toEqual([200, 'http://mails.example:1080']);
});
