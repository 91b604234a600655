/** Sends mails over a pool of SMTP connections. */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { Unprocessable } from '@rideflow/shared/errors.ts';
import SMTPPool from 'nodemailer/lib/smtp-pool';
import { compose } from './compose.ts';
import type { Mail } from './mail.ts';
import { meaning, type SmtpError } from './refusals.ts';

export interface Mailer {
  /**
   * Resolves when the server has accepted the mail.
   * @throws Unprocessable when the server permanently rejects this mail, with its reply as the reason
   * @throws Error for anything temporary: the mail can be sent again later
   */
  send(mail: Mail): Promise<void>;
  /** After this many milliseconds, every mail, in progress or new, fails at once with a transient error. */
  hurry(milliseconds: number): void;
  close(): void;
}

/** The time limit for a server that hangs or answers very slowly, in milliseconds. */
const mailDeadline = 10_000;

/**
 * @param url `smtp://` or `smtps://` with host and port, and with user and password if the server requires them
 * @param connections the most open connections; a connection is opened when a mail finds none free
 */
export function createMailer(url: string, connections: number, deadline = mailDeadline): Mailer {
  const pool = new SMTPPool({
    url,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    maxRequeues: 1, // only for a connection that the server closed while it was idle; the runtime does every other retry, in order
    idleTimeout: 4000,
    connectionTimeout: deadline / 2,
    greetingTimeout: deadline / 2,
    socketTimeout: (deadline * 4) / 5,
    ...(new URL(url).hostname === 'localhost' && { getSocket: toThisMachine(deadline / 2) }),
  });
  const server = new URL(url).host;
  const underWay = new Set<AbortController>();
  let over = false;
  let timerToEnd: NodeJS.Timeout | undefined;

  return {
    async send(mail) {
      if (over) throw new Error('this service is stopping; it sends the mail after its next start');
      // The addresses are passed as is, never parsed from a header.
      const envelope: Envelope = { from: mail.from.address, to: [mail.to.address] };
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(`no result within ${deadline / 1000} s`), deadline);
      underWay.add(abort);
      try {
        await post(pool, mail, envelope, abort.signal);
      } catch (reason) {
        const error = refusalIn(envelope, reason as SmtpError);
        const message = abort.signal.aborted ? String(abort.signal.reason) : error.message;
        const { permanent, text } = meaning(Object.assign(error, { message }), server);
        throw permanent ? new Unprocessable(text, { cause: error }) : new Error(text, { cause: error });
      } finally {
        clearTimeout(timer);
        underWay.delete(abort);
      }
    },
    hurry(milliseconds) {
      timerToEnd = setTimeout(() => {
        over = true;
        for (const abort of underWay) abort.abort('this service is stopping');
      }, milliseconds);
    },
    close() {
      clearTimeout(timerToEnd);
      pool.close();
    },
  };
}

/** With the server's refusals of MAIL FROM and RCPT TO, as nodemailer notes them. */
interface Envelope {
  from: string;
  to: string[];
  mailError?: SmtpError | undefined;
  rejectedErrors?: SmtpError[];
}

/**
 * With PIPELINING (RFC 2920), nodemailer waits for the answer to DATA before it reports a refusal. If the connection ends
 * before, the first refusal is still the reason. RCPT TO after a refused MAIL FROM is refused whoever the recipient is.
 */
const refusalIn = ({ mailError, rejectedErrors }: Envelope, reason: SmtpError): SmtpError =>
  reason.responseCode === undefined ? (mailError ?? rejectedErrors?.[0] ?? reason) : reason;

/** Does what `sendMail` does, but composes the mail itself. Rejects with the error of nodemailer. */
function post(pool: SMTPPool, mail: Mail, envelope: Envelope, signal: AbortSignal): Promise<void> {
  const whole = compose(mail, randomUUID());
  const message = {
    getEnvelope: () => Object.assign(envelope, { mailError: undefined }), // that of the attempt before, which nodemailer leaves there
    messageId: () => mail.messageId,
    getHeader: () => mail.messageId, // the pool asks for no other
    createReadStream: () =>
      new Readable({
        read() {
          this.push(whole);
          this.push(null);
        },
      }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const order = { data: { signal }, message } as unknown as Parameters<SMTPPool['send']>[0];
  pool.send(order, (error) => (error ? reject(error) : resolve()));
  return promise;
}

type Connected = (error: Error | null, by?: { connection: Socket }) => void;

/**
 * nodemailer asks a DNS server even for `localhost`, and each mail would wait if the server does not answer. The system
 * resolves it locally.
 */
const toThisMachine =
  (timeout: number) =>
  ({ port = 587 }: { port?: number | string | undefined }, done: Connected): void => {
    const socket = connect({ host: 'localhost', port: Number(port), timeout });
    const failed = (error: Error) => done(error);
    socket.once('timeout', () => socket.destroy(new Error('Connection timeout')));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed).removeAllListeners('timeout').setTimeout(0);
      done(null, { connection: socket });
    });
  };
