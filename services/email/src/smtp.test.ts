import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { Unprocessable } from '@rideflow/shared/errors.ts';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { type Mail, mailFor } from './mail.ts';
import { createMailer } from './smtp.ts';

const mailTo = (address: string, identity = address): Mail =>
  mailFor(
    {
      id: 'ride-1',
      customer_id: 'user_1',
      customer_email: address,
      location: null,
      status: 'confirmed',
      payment_status: 'paid',
      alloted_driver: 'driver_4',
      pickup_time: '12mins',
      pickup_minutes: 12,
      reason: null,
      requested_at: '2026-01-01T12:00:00Z',
      decided_at: '2026-01-01T12:00:01Z',
    },
    identity,
    { name: 'Rideflow', address: 'rides@rideflow.example' },
  );

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A real SMTP server; `mails` is what it took. */
async function smtpServer(options: SMTPServerOptions = {}) {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 0,
    onData(stream, _session, done) {
      stream.toArray().then((chunks) => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      }, done);
    },
    ...options,
  });
  server.on('error', () => {}); // connections that the tests break off
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  closing.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return { mails, url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` };
}

/** A server that speaks as the test says, for what no well-behaved server does. */
async function rawServer(talk: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    talk(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function mailer(url: string, deadline?: number) {
  const mailer = createMailer(url, 10, deadline);
  closing.push(() => mailer.close());
  return mailer;
}

/** The error of a mail that must not be taken. */
async function failure(sending: Promise<void>): Promise<Error> {
  const error = await sending.then(
    () => null,
    (error: Error) => error,
  );
  if (!error) throw new Error('the mail was taken');
  return error;
}
const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });

test('a mail arrives as it was written', async () => {
  const { mails, url } = await smtpServer();
  const mail = mailTo('user_1@example.com');
  await mailer(url).send(mail);
  const [raw = ''] = mails;
  expect(await PostalMime.parse(raw)).toMatchObject({
    subject: mail.subject,
    messageId: mail.messageId,
    date: '2026-01-01T12:00:01.000Z',
    to: [{ address: 'user_1@example.com' }],
    text: expect.stringContaining('driver_4 picks you up in 12 minutes.'),
    html: expect.stringContaining('driver_4 picks you up in 12 minutes.'),
  });
});

test('a 4xx reply is transient, and the same mail is accepted later over the same pool', async () => {
  let refusals = 1;
  const { mails, url } = await smtpServer({
    onRcptTo: (_address, _session, done) =>
      refusals-- > 0 ? done(refusal(450, '4.2.0 Greylisted, come back later')) : done(),
  });
  const sender = mailer(url);
  const error = await failure(sender.send(mailTo('a@example.com')));
  expect(error).not.toBeInstanceOf(Unprocessable);
  expect(error.message).toContain('450 4.2.0 Greylisted, come back later');
  await sender.send(mailTo('a@example.com'));
  expect(mails).toHaveLength(1);
});

test("a permanent refusal of one recipient is a dead letter with the server's reply, and the next mail goes out", async () => {
  const { mails, url } = await smtpServer({
    onRcptTo: ({ address }, _session, done) =>
      address.startsWith('nobody') ? done(refusal(550, '5.1.1 No such user here')) : done(),
  });
  const sender = mailer(url);
  const error = await failure(sender.send(mailTo('nobody@example.com')));
  expect(error).toBeInstanceOf(Unprocessable);
  expect(error.message).toContain('550 5.1.1 No such user here');
  await sender.send(mailTo('somebody@example.com'));
  expect(mails).toHaveLength(1);
});

test('a refused login is transient: otherwise every mail would become a dead letter', async () => {
  const { url } = await smtpServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(new Error('Invalid username or password')),
  });
  const withLogin = url.replace('smtp://', 'smtp://rides:hunter2@');
  const error = await failure(mailer(withLogin).send(mailTo('a@example.com')));
  expect(error).not.toBeInstanceOf(Unprocessable);
  expect(error.message).toMatch(/accepts no mail from this service.*Check SMTP_URL.*535/);
  expect(error.message).not.toContain('hunter2');
});

test('a server that greets with 554 is transient', async () => {
  const url = await rawServer((socket) => socket.end('554 5.3.2 No service here\r\n'));
  const error = await failure(mailer(url).send(mailTo('a@example.com')));
  expect(error).not.toBeInstanceOf(Unprocessable);
});

test('a refused connection is transient, and the error says where nothing listens', async () => {
  const { url } = await smtpServer();
  for (const close of closing.splice(0)) await close();
  const error = await failure(mailer(url).send(mailTo('a@example.com')));
  expect(error).not.toBeInstanceOf(Unprocessable);
  expect(error.message).toMatch(/127\.0\.0\.1:\d+ .*ECONNREFUSED/);
});

test.each(['greeting', 'reply'])('a server that hangs before its %s times out', async (where) => {
  const url = await rawServer((socket) => where === 'reply' && socket.write('220 hello\r\n'));
  const error = await failure(mailer(url, 200).send(mailTo('a@example.com')));
  expect(error).not.toBeInstanceOf(Unprocessable);
});

test('a server that sends its reply very slowly times out too', async () => {
  const url = await rawServer((socket) => {
    const timer = setInterval(() => socket.write('220-wait\r\n'), 20);
    socket.on('close', () => clearInterval(timer));
  });
  const error = await failure(mailer(url, 200).send(mailTo('a@example.com')));
  expect(error).not.toBeInstanceOf(Unprocessable);
});

test('a connection that breaks after the final dot leaves the outcome open: the repeat carries the same Message-ID', async () => {
  const taken: string[] = [];
  const sockets = new Map<number, Socket>();
  let breaks = 1;
  const { url } = await smtpServer({
    onData(stream, session, done) {
      stream.toArray().then((chunks) => {
        taken.push(Buffer.concat(chunks).toString());
        if (breaks-- > 0) sockets.get(session.remotePort)?.destroy();
        else done();
      }, done);
    },
  });
  // A proxy in front, so that the test can cut the connection at that moment.
  const proxied = await rawServer((socket) => {
    const upstream = new URL(url);
    const out = connect(Number(upstream.port), upstream.hostname, () => {
      sockets.set(out.localPort ?? 0, socket);
      socket.pipe(out).pipe(socket);
    });
    out.on('error', () => {});
    socket.on('close', () => out.destroy());
  });
  const sender = mailer(proxied);
  const mail = mailTo('a@example.com');
  const error = await failure(sender.send(mail));
  expect(error).not.toBeInstanceOf(Unprocessable);
  await sender.send(mail);
  const ids = await Promise.all(taken.map(async (raw) => (await PostalMime.parse(raw)).messageId));
  expect(ids).toEqual([mail.messageId, mail.messageId]);
});

test('a slow mail does not hold up the next one', async () => {
  const begun = Promise.withResolvers<() => void>();
  const { mails, url } = await smtpServer({
    onRcptTo({ address }, _session, done) {
      if (address.startsWith('slow')) begun.resolve(() => done());
      else done();
    },
  });
  const sender = mailer(url);
  const slow = sender.send(mailTo('slow@example.com'));
  const release = await begun.promise;
  await sender.send(mailTo('quick@example.com'));
  expect(mails).toHaveLength(1);
  release();
  await slow;
  expect(mails).toHaveLength(2);
});

test('at the stop, an unanswered mail fails with a transient error', async () => {
  const url = await rawServer(() => {});
  const sender = mailer(url);
  const sending = failure(sender.send(mailTo('a@example.com')));
  sender.hurry(1);
  expect(await sending).not.toBeInstanceOf(Unprocessable);
  // The runtime may try again before it has stopped.
  expect((await failure(sender.send(mailTo('b@example.com')))).message).toMatch('this service is stopping');
});
