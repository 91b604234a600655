/** A real SMTP server that requires a login. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface GuardedSmtp {
  port: number;
  /** The accepted mails, unchanged. */
  mails: string[];
  /** The number of rejected logins. */
  refused: number;
  /** Whether it also rejects the correct password. */
  strict: boolean;
  stop(): Promise<void>;
}

export async function startGuardedSmtp(user: string, password: string): Promise<GuardedSmtp> {
  const server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onAuth({ username, password: given }, _session, done) {
      if (!it.strict && username === user && given === password) return done(null, { user });
      it.refused++;
      done(new Error(`no, ${username}`));
    },
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      stream.on('end', () => {
        it.mails.push(text);
        done();
      });
    },
  });
  server.on('error', () => {}); // a client that disconnects must not end the test
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const it: GuardedSmtp = {
    port: (server.server.address() as AddressInfo).port,
    mails: [],
    refused: 0,
    strict: false,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return it;
}
