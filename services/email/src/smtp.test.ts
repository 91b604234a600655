import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
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

function mailer(url: string, deadline?: number, connections = 10) {
  const mailer = createMailer(url, connections, deadline);
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

const silence = Symbol('no answer to this command, nor to any later one');
const hangUp = Symbol('the connection ends without an answer');
type Answers = Record<string, string | symbol>;
const willing: Answers = { 'MAIL FROM': '250 Ok', 'RCPT TO': '250 Ok', DATA: '354 Go on', RSET: '250 Ok' };

/** A server with these answers to the commands of a mail. `taken` are the texts of the mails that it took. */
async function strangeServer(pipelining: boolean, answers: Answers) {
  const seen = { answers, taken: [] as string[], connections: 0, together: new Set<string>() };
  const url = await rawServer((socket) => {
    let unread = '';
    let inMail = false;
    let silent = false;
    seen.connections++;
    socket.setNoDelay(true);
    socket.write('220 hello\r\n');
    socket.setEncoding('utf8').on('data', (piece) => {
      unread += piece;
      const [first = '', ...others] = inMail ? [] : unread.split('\r\n').slice(0, -1);
      if (others.length > 0) seen.together.add([first, ...others].map(verb).join(', '));
      for (;;) {
        const end = inMail ? /(?:^|\r\n)\.\r\n/.exec(unread) : /\r\n/.exec(unread);
        if (!end || silent) return;
        const text = unread.slice(0, end.index);
        unread = unread.slice(end.index + end[0].length);
        if (inMail) seen.taken.push(text);
        const answer = inMail ? '250 Taken' : answerTo(text);
        if (answer === hangUp) return socket.destroySoon();
        if (answer === silence) silent = true;
        else socket.write(`${String(answer)}\r\n`);
        inMail = answer === willing.DATA;
      }
    });
  });
  const verb = (command: string) => /^(?:MAIL FROM|RCPT TO|\w+)/.exec(command)?.[0] ?? command;
  const answerTo = (command: string) =>
    verb(command) === 'EHLO'
      ? `250-hello\r\n250 ${pipelining ? 'PIPELINING' : 'HELP'}`
      : (seen.answers[verb(command)] ?? '502 What?');
  return { url, seen };
}

describe.each([
  ['PIPELINING (RFC 2920)', true],
  ['no PIPELINING', false],
])('a server with %s', (_name, pipelining) => {
  test.each<[string, Answers, { permanent: boolean; error: string; connections: number }]>([
    [
      'rejects the recipient for good',
      { 'RCPT TO': '550 5.1.1 No such user', DATA: '554 5.5.1 No valid recipients' },
      { permanent: true, error: '550 5.1.1 No such user', connections: 1 },
    ],
    [
      'rejects the recipient for now',
      { 'RCPT TO': '450 4.2.0 Greylisted', DATA: '554 5.5.1 No valid recipients' },
      { permanent: false, error: '450 4.2.0 Greylisted', connections: 1 },
    ],
    [
      'rejects the recipient, and takes a mail nevertheless',
      { 'RCPT TO': '550 5.1.1 No such user' },
      { permanent: true, error: '550 5.1.1 No such user', connections: 1 },
    ],
    [
      'rejects the recipient, and then hangs up',
      { 'RCPT TO': '550 5.1.1 No such user', DATA: hangUp },
      { permanent: true, error: '550 5.1.1 No such user', connections: pipelining ? 2 : 1 },
    ],
    [
      'rejects the recipient, and then answers no more',
      { 'RCPT TO': '550 5.1.1 No such user', DATA: silence },
      { permanent: true, error: '550 5.1.1 No such user', connections: pipelining ? 2 : 1 },
    ],
    [
      'rejects the sender',
      { 'MAIL FROM': '550 5.1.8 Bad sender', 'RCPT TO': '503 MAIL first', DATA: '503 RCPT first' },
      { permanent: false, error: '550 5.1.8 Bad sender', connections: 1 },
    ],
    [
      'rejects the sender, and then hangs up',
      { 'MAIL FROM': '451 4.3.0 Later', 'RCPT TO': '554 No sender', DATA: hangUp },
      { permanent: false, error: '451 4.3.0 Later', connections: pipelining ? 2 : 1 },
    ],
    [
      'rejects DATA for good',
      { DATA: '554 5.7.1 Spam' },
      { permanent: true, error: '554 5.7.1 Spam', connections: 1 },
    ],
    [
      'rejects DATA for now',
      { DATA: '451 4.3.0 Later' },
      { permanent: false, error: '451 4.3.0 Later', connections: 1 },
    ],
    [
      'hangs up after one answer',
      { 'RCPT TO': hangUp },
      { permanent: false, error: 'Connection closed', connections: 2 },
    ],
    [
      'gives one answer and no more',
      { 'RCPT TO': silence },
      { permanent: false, error: 'did not confirm the mail', connections: 2 },
    ],
  ])(
    '%s: the error says so, and the next mail goes out',
    async (_case, strange, { permanent, error, connections }) => {
      const { url, seen } = await strangeServer(pipelining, { ...willing, ...strange });
      const sender = mailer(url, 2000, 1);
      const failed = await failure(sender.send(mailTo('first@example.com')));
      expect(failed.message).toContain(error);
      expect(failed instanceof Unprocessable).toBe(permanent);
      expect(seen.taken.join()).toBe('');
      seen.answers = willing;
      for (const to of ['second@example.com', 'third@example.com']) await sender.send(mailTo(to));
      expect(seen.taken.filter((text) => /^To: (?:second|third)@/m.test(text))).toHaveLength(2);
      expect(seen.connections).toBe(connections);
      expect([...seen.together]).toEqual(pipelining ? ['MAIL FROM, RCPT TO, DATA'] : []);
    },
  );
});

test.each([true, false])(
  'a mail that meets a closing connection (421) goes out over a new one; PIPELINING: %p',
  async (pipelining) => {
    const { url, seen } = await strangeServer(pipelining, willing);
    const sender = mailer(url, 2000, 1);
    await sender.send(mailTo('first@example.com'));
    seen.answers = {
      ...willing,
      get 'MAIL FROM'() {
        return seen.connections === 1 ? '421 4.4.2 Timeout' : '250 Ok';
      },
    };
    await sender.send(mailTo('second@example.com'));
    expect(seen.taken).toHaveLength(2);
  },
);
