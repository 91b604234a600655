/** Sends mails over a pool of SMTP connections. */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type PassThrough, Readable } from 'node:stream';
import { Unprocessable } from '@rideflow/shared/errors.ts';
import { createTransport } from 'nodemailer';
import type { Mail } from './mail.ts';
import { inOnePiece } from './one-piece.ts';
import { meaning, type SmtpError } from './refusals.ts';

export interface Mailer {
  /**
   * Resolves when the server has taken the mail.
   * @throws Unprocessable the server will never take this mail, with its reply as the reason
   * @throws Error anything that may pass: the mail can be sent again later
   */
  send(mail: Mail): Promise<void>;
  /** After this many milliseconds no mail is sent any more: each one, under way or new, is a transient error at once. */
  hurry(milliseconds: number): void;
  close(): void;
}

/** A server that hangs, or that trickles its replies, is given up after this many milliseconds. */
const mailDeadline = 10_000;

/**
 * @param url `smtp://` or `smtps://` with host and port, and user and password where the server wants them
 * @param connections at most so many are open, each made when a mail finds none free
 */
export function createMailer(url: string, connections: number, deadline = mailDeadline): Mailer {
  const transport = createTransport({
    pool: true,
    url,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    maxRequeues: 1, // for a connection that the server closed while it was idle; every other retry is the runtime's, in order
    idleTimeout: 4000,
    connectionTimeout: deadline / 2,
    greetingTimeout: deadline / 2,
    socketTimeout: (deadline * 4) / 5,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(new URL(url).hostname === 'localhost' && { getSocket: toThisMachine(deadline / 2) }),
  });
  transport.use('stream', ({ message }, next) => {
    message.createReadStream = () => Readable.from([inOnePiece(message)]) as PassThrough;
    next();
  });
  const server = new URL(url).host;
  const underWay = new Set<AbortController>();
  let over = false;
  let timerToEnd: NodeJS.Timeout | undefined;

  return {
    async send(mail) {
      if (over) throw new Error('this service is stopping; the mail is sent after its next start');
      const abort = new AbortController();
      const timer = setTimeout(
        () => abort.abort(`nothing was settled within ${deadline / 1000} s`),
        deadline,
      );
      underWay.add(abort);
      try {
        await transport.sendMail({
          ...mail,
          // Given as it is: the address is never parsed out of a header.
          envelope: { from: mail.from.address, to: [mail.to.address] },
          xMailer: false,
          baseBoundary: randomUUID(), // nodemailer's own asks the system for each part of each mail
          signal: abort.signal,
        });
      } catch (error) {
        const message = abort.signal.aborted ? String(abort.signal.reason) : (error as Error).message;
        const { permanent, text } = meaning(Object.assign(error as SmtpError, { message }), server);
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
      transport.close();
    },
  };
}

type Connected = (error: Error | null, by?: { connection: Socket }) => void;

/** nodemailer asks a DNS server for `localhost` too, and each mail would wait for one that does not answer. The system knows it. */
const toThisMachine =
  (timeout: number) =>
  ({ port = 587 }: { port?: number | string }, done: Connected): void => {
    const socket = connect({ host: 'localhost', port: Number(port), timeout });
    const failed = (error: Error) => done(error);
    socket.once('timeout', () => socket.destroy(new Error('Connection timeout')));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed).removeAllListeners('timeout').setTimeout(0);
      done(null, { connection: socket });
    });
  };
