/** A real SMTP server that keeps accepted mails and can be made to misbehave. */
import type { AddressInfo, Socket } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string;
  messageId: string;
  /** Its X-Ride-Id. */
  rideId: string;
  traceparent: string | undefined;
  subject: string;
  text: string;
  html: string;
}

export interface Mailbox {
  port: number;
  mails: Mail[];
  /** The mails about rides. */
  about(rideId: string): Mail[];
  /** The answer of the server to a recipient; null accepts the mail. */
  refuse: (recipient: string) => { code: number; message: string } | null;
  /** What the server does after it got a mail: confirms it, breaks the connection, or does not answer. */
  afterTaking: () => 'answer' | 'disconnect' | 'hang';
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
          headers,
        } = await PostalMime.parse(Buffer.concat(chunks));
        const header = (name: string) => headers.find(({ key }) => key === name)?.value;
        const rideId = header('x-ride-id') ?? '';
        const traceparent = header('traceparent');
        const to = session.envelope.rcptTo[0]?.address ?? '';
        mails.push({ to, messageId, rideId, traceparent, subject, text, html });
        const next = mailbox.afterTaking();
        if (next === 'answer') done();
        if (next === 'disconnect')
          for (const socket of sockets) if (socket.remotePort === session.remotePort) socket.destroy();
      });
    },
  });
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('error', () => {}); // a client that is killed during a mail must not end the test
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mailbox: Mailbox = {
    port: (server.server.address() as AddressInfo).port,
    mails,
    about: (rideId) => mails.filter(({ text }) => text.includes(rideId)),
    refuse: () => null,
    afterTaking: () => 'answer',
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        for (const socket of sockets) socket.destroy(); // hanging connections would never end
      }),
  };
  return mailbox;
}
