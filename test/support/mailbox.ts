/** A real SMTP server that keeps what it takes and can be told to misbehave. */
import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string;
  messageId: string;
  subject: string;
  text: string;
  html: string;
}

export interface Mailbox {
  port: number;
  mails: Mail[];
  /** The mails that name a ride. */
  about(rideId: string): Mail[];
  /** What the server answers to a recipient; null takes the mail. */
  refuse: (recipient: string) => { code: number; message: string } | null;
  stop(): Promise<void>;
}

export async function startMailbox(): Promise<Mailbox> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onRcptTo({ address }, _session, done) {
      const answer = mailbox.refuse(address);
      done(answer && Object.assign(new Error(answer.message), { responseCode: answer.code }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', async () => {
        const {
          messageId = '',
          subject = '',
          text = '',
          html = '',
        } = await PostalMime.parse(Buffer.concat(chunks));
        mails.push({ to: session.envelope.rcptTo[0]?.address ?? '', messageId, subject, text, html });
        done();
      });
    },
  });
  server.on('error', () => {}); // a client that was killed in mid-mail is no reason to end the test
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mailbox: Mailbox = {
    port: (server.server.address() as AddressInfo).port,
    mails,
    about: (rideId) => mails.filter(({ text }) => text.includes(rideId)),
    refuse: () => null,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
  return mailbox;
}
