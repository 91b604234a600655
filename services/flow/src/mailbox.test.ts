import { afterEach, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { serve } from './fixtures.ts';
import { mailboxRoutes } from './mailbox.ts';

const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

async function urlOf(app: Express) {
  const { url, close } = await serve(app);
  closes.push(close);
  return url;
}

/** A mailbox with one mail, as MailDev answers. */
const maildev = () =>
  urlOf(
    express().get('/email', (request, response) => {
      response.json(request.query['headers.x-ride-id'] === 'ride 1' ? [{ id: 'mail1' }] : []);
    }),
  );

async function pageAt(inside: string, path: string) {
  const app = express();
  mailboxRoutes(app, { inside, outside: 'http://mails.example:1080', bar: '<nav>the bar</nav>' });
  const response = await fetch((await urlOf(app)) + path);
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
