import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createTransport } from 'nodemailer';
import type { Fault } from './faults.ts';

let mailbox: ChildProcess;
let page: string;
let smtpPort: number;

beforeAll(async () => {
  mailbox = fork(join(import.meta.dirname, '../mailbox.ts'), {
    env: { ...process.env, NODE_OPTIONS: '', SMTP_PORT: '0', MAILBOX_PORT: '0' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = (await once(mailbox, 'message')) as [{ port: number; smtpPort: number }];
  page = `http://127.0.0.1:${ready.port}`;
  smtpPort = ready.smtpPort;
});
afterEach(() => choose('none'));
afterAll(async () => {
  mailbox.kill();
  await once(mailbox, 'exit');
});

const put = (fault: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  fetch(`${page}/fault`, { method: 'PUT', headers, body: JSON.stringify({ fault }) });
async function choose(fault: Fault) {
  expect((await put(fault)).status).toBe(200);
}
const send = (subject: string) =>
  createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true }).sendMail({
    from: 'a@example.com',
    to: 'b@example.com',
    subject,
    text: 'x',
  });
const subjects = async () =>
  ((await (await fetch(`${page}/email`)).json()) as { subject: string }[]).map(({ subject }) => subject);

/** A mail is listed once it is parsed. */
async function listed(subject: string) {
  while (!(await subjects()).includes(subject));
}

test('a mail is rejected temporarily or permanently, and accepted when the mailbox is healed', async () => {
  await choose('later');
  await expect(send('refused')).rejects.toMatchObject({ responseCode: 451 });
  await choose('never');
  await expect(send('refused')).rejects.toMatchObject({ responseCode: 550 });
  expect(await (await fetch(`${page}/fault`)).json()).toMatchObject({ fault: 'never' });
  await choose('none');
  await send('healed');
  await listed('healed');
  expect(await subjects()).not.toContain('refused');
});

test('a mail is accepted, and the sender gets no answer', async () => {
  await choose('breakOff');
  await expect(send('taken')).rejects.toThrow();
  await listed('taken');
});

test('a sender waits for an answer that does not come, until the mailbox is healed', async () => {
  await choose('hang');
  const sent = send('unanswered').catch((error: Error) => error);
  // Healed before the mail is there, it would be taken; healed after, the connection that hangs is ended.
  const outcome = await Promise.race([sent, once(mailbox, 'exit').then(() => 'ended'), hanging()]);
  expect(outcome).toBe('hangs');
  await choose('none');
  expect(await sent).toHaveProperty('message'); // of a system error too, which is of another realm
  expect(await subjects()).not.toContain('unanswered');
});

/** Resolves when the mailbox says that a sender hangs. */
async function hanging(): Promise<string> {
  for (;;) {
    const { hanging } = (await (await fetch(`${page}/fault`)).json()) as { hanging: number };
    if (hanging > 0) return 'hangs';
  }
}

test('an unknown fault, and a request that another site could send, are rejected', async () => {
  const wrong = await put('slow');
  expect([wrong.status, ((await wrong.json()) as { detail: string }).detail]).toEqual([
    400,
    'fault must be one of none, later, never, hang, breakOff.',
  ]);
  expect((await put('later', { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await fetch(`${page}/email`)).status).toBe(200);
});
