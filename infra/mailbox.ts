/**
 * The local mailbox: MailDev as a separate process. It accepts every mail and forwards none. Web page, `GET /email` and
 * `PUT /fault` on one port, SMTP on the other. Stops at SIGTERM, at Ctrl-C, and when the process that started it is gone.
 */
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { ConfigError, readConfig } from '@rideflow/shared/config.ts';
import { mailboxSettings } from './mailbox/config.ts';
import { makeFaulty, type Smtp } from './mailbox/faults.ts';
import { faultRoutes } from './mailbox/routes.ts';

/** The used parts of MailDev, which has no types: the two halves that its command line starts. */
interface MailServer {
  create(port: string, host: string, directory: string): void;
  listen(): Promise<void>;
  on(event: 'new', listener: (mail: { id: string; came?: Date }) => void): void;
  deleteEmail(id: string, done: () => void): void;
  /** Oldest first. */
  store: { id: string; came?: Date }[];
  smtp: Smtp & {
    on(event: 'error', listener: (error: Error) => void): void;
    removeAllListeners(event: 'error'): void;
  };
}
interface WebServer {
  start(
    port: string,
    host: string,
    mails: MailServer,
    user: null,
    password: null,
    path: null,
    secure: object,
  ): void;
  server: Server;
}

const host = '127.0.0.1';
/** True once this process has the SMTP port, and with it the folder. */
let ours = false;

function fail(message: string): never {
  process.stderr.write(`mailbox cannot start: ${message}\n`);
  end(1);
}

function config() {
  try {
    return readConfig(mailboxSettings, process.env);
  } catch (error) {
    if (error instanceof ConfigError) fail(`wrong configuration:\n${error.message}`);
    throw error;
  }
}

const { SMTP_PORT, MAILBOX_PORT, MAILBOX_KEEP } = config();
// MailDev also keeps each mail as a file. The folder belongs to the process that has the port, so nothing in it is touched
// before that.
const directory = join(import.meta.dirname, '..', '.rideflow', `mailbox-${SMTP_PORT || process.pid}`);

function end(code: number): never {
  if (ours) rmSync(directory, { recursive: true, force: true });
  process.exit(code);
}
const stop = () => end(0);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);

const require = createRequire(import.meta.url);
const mails: MailServer = require('maildev/lib/mailserver');
const web: WebServer = require('maildev/lib/web');
require('maildev/lib/logger').setLevel(0);

const taken = (port: number, variable: string) => (error: Error & { code?: string }) =>
  fail(
    error.code === 'EADDRINUSE'
      ? `port ${port} on ${host} is already in use. Set ${variable} to another port`
      : error.message,
  );

mkdirSync(directory, { recursive: true });
mails.create(String(SMTP_PORT), host, directory);
// MailDev throws on nearly every connection error and would then end. A client that disconnects must not end the mailbox.
mails.smtp.removeAllListeners('error');
mails.smtp.on('error', (error) => {
  if (!mails.smtp.server.listening) taken(SMTP_PORT, 'SMTP_PORT')(error);
});
/** The time since which the mailbox has every mail: its start, or the arrival of the last deleted mail. The checker uses it. */
let completeSince = new Date();
/** The number of deleted mails, for clients that ask for the mails after the last one that they know. */
let deleted = 0;
mails.on('new', (mail) => {
  mail.came = new Date(); // its Date header is that of the decision, and a repeated mail has the same
  while (mails.store.length > MAILBOX_KEEP) {
    const [oldest] = mails.store;
    completeSince = oldest?.came ?? completeSince;
    deleted++;
    mails.deleteEmail(oldest?.id ?? '', () => {});
  }
});
await mails.listen();
ours = true;
// Mails of an earlier process that was killed.
for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
web.start(String(MAILBOX_PORT), host, mails, null, null, null, {});
web.server.on('error', taken(MAILBOX_PORT, 'MAILBOX_PORT'));
const pages = web.server.listeners('request');
const faultPages = faultRoutes(makeFaulty(mails.smtp));
web.server.removeAllListeners('request');
web.server.on('request', (request, response) => {
  response.setHeader('x-complete-since', completeSince.toISOString());
  response.setHeader('x-mails-deleted', String(deleted));
  if (request.url === '/fault') return faultPages(request, response);
  for (const page of pages) page.call(web.server, request, response);
});
await once(web.server, 'listening');

const portOf = (server: NetServer) => (server.address() as AddressInfo).port;
const smtpPort = portOf(mails.smtp.server);
const port = portOf(web.server);
if (process.send) process.send({ ready: 'mailbox', port, smtpPort });
else console.log(`SMTP on ${host}:${smtpPort}, web page on http://${host}:${port}`);
