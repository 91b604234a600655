import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { createTransport } from 'nodemailer';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill();
    await once(child, 'exit');
  }
});

function mailbox(env: Record<string, string> = {}) {
  const child = fork(join(import.meta.dirname, 'mailbox.ts'), {
    env: { ...process.env, NODE_OPTIONS: '', SMTP_PORT: '0', MAILBOX_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  return child;
}

async function ready(child: ChildProcess) {
  const [message] = (await once(child, 'message')) as [{ ready: string; port: number; smtpPort: number }];
  return { ...message, page: `http://127.0.0.1:${message.port}` };
}

async function send(port: number, ...subjects: string[]) {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    pool: true,
    maxConnections: 1,
  });
  for (const subject of subjects) {
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject, text: 'x' });
  }
  transport.close();
}

const subjects = async (page: string) => {
  const mails = (await (await fetch(`${page}/email`)).json()) as { subject: string }[];
  return mails.map(({ subject }) => subject);
};

test('a mail that was taken can be read, and the oldest go when there are too many', async () => {
  const { ready: name, page, smtpPort } = await ready(mailbox({ MAILBOX_KEEP: '2' }));
  expect(name).toBe('mailbox');
  await send(smtpPort, 'first', 'second', 'third');
  while (!(await subjects(page)).includes('third')); // it is listed once it is parsed
  expect(await subjects(page)).toEqual(['second', 'third']);
  expect((await fetch(page)).status).toBe(200);
});

test('it says since when it has every mail that came: since its start, or since the last one that it deleted', async () => {
  const { page, smtpPort } = await ready(mailbox({ MAILBOX_KEEP: '1' }));
  const since = async () =>
    Date.parse((await fetch(`${page}/email`)).headers.get('x-complete-since') ?? 'not said');
  const start = await since();
  await send(smtpPort, 'first');
  while (!(await subjects(page)).includes('first'));
  expect(await since()).toBe(start);
  const between = Date.now();
  await send(smtpPort, 'second');
  while (!(await subjects(page)).includes('second'));
  expect(await since()).toBeGreaterThan(start);
  expect(await since()).toBeLessThanOrEqual(between);
});

test('SIGTERM ends it with 0', async () => {
  const child = mailbox();
  await ready(child);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('it ends when the process that started it is gone', async () => {
  const child = mailbox();
  await ready(child);
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a taken port and a wrong setting end it with 1 and a line that names the variable', async () => {
  const { smtpPort } = await ready(mailbox());
  for (const [env, line] of [
    [
      { SMTP_PORT: String(smtpPort) },
      `port ${smtpPort} on 127.0.0.1 is already in use. Set SMTP_PORT to another port`,
    ],
    [
      { MAILBOX_PORT: String(smtpPort) },
      `port ${smtpPort} on 127.0.0.1 is already in use. Set MAILBOX_PORT to another port`,
    ],
    [{ MAILBOX_KEEP: 'all' }, 'MAILBOX_KEEP="all": must be a whole number from 1 to 100000'],
  ] as const) {
    const child = mailbox(env);
    const [exit, output] = await Promise.all([once(child, 'exit'), child.stderr?.toArray()]);
    expect(exit).toEqual([1, null]);
    expect(String(output)).toContain(line);
  }
});
