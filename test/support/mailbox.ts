/** A real SMTP server that keeps what it takes and can be told to misbehave. */
import type { AddressInfo, Socket } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string;
  messageId: string;
  /** Its X-Ride-Id. */
  rideId: string;
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
  /** What the server does once it has a mail: says so, breaks the connection, or says nothing. */
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
        const rideId = headers.find(({ key }) => key === 'x-ride-id')?.value ?? '';
        mails.push({ to: session.envelope.rcptTo[0]?.address ?? '', messageId, rideId, subject, text, html });
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
  server.on('error', () => {}); // a client that was killed in mid-mail is no reason to end the test
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
        for (const socket of sockets) socket.destroy(); // those that hang would never end
      }),
  };
  return mailbox;
}
