/** A real SMTP server that wants a login. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface GuardedSmtp {
  port: number;
  /** What it took, as it came. */
  mails: string[];
  /** Logins that it refused. */
  refused: number;
  /** Whether a right password is refused, too. */
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
  server.on('error', () => {}); // a client that goes away is no reason to end the test
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
