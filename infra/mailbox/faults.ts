/** Makes the mailbox misbehave like a faulty mail server, from the next mail until it is healed. */
import type { Server, Socket } from 'node:net';

/** What happens to each mail. */
export const faults = {
  none: 'the server accepts it',
  later: 'the server rejects it temporarily (4xx)',
  never: 'the server rejects it permanently (5xx)',
  hang: 'the server reads it and never answers',
  breakOff: 'the server accepts it, and the connection breaks before the answer',
} as const;
export type Fault = keyof typeof faults;

interface Session {
  remotePort: number;
}
type Done = (error?: Error | null, message?: string) => void;

/** The parts of an `SMTPServer` (smtp-server) that are used. */
export interface Smtp {
  server: Server;
  onRcptTo(address: { address: string }, session: Session, done: Done): void;
  onData(stream: NodeJS.ReadableStream, session: Session, done: Done): void;
}

export interface Faulty {
  get(): Fault;
  /** Also ends the hanging connections, unless they should hang. */
  set(fault: Fault): void;
  /** Number of senders that wait for an answer in vain. */
  hanging(): number;
}

/** From now on the server follows the fault that is set. */
export function makeFaulty(smtp: Smtp): Faulty {
  const { onRcptTo, onData } = smtp;
  const sockets = new Map<number, Socket>();
  const hanging = new Set<number>();
  let fault: Fault = 'none';
  const cut = (port: number) => void sockets.get(port)?.destroy();

  smtp.server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(port, socket);
    socket.on('close', () => {
      hanging.delete(port);
      if (sockets.get(port) === socket) sockets.delete(port);
    });
  });
  smtp.onRcptTo = (address, session, done) => {
    if (fault === 'later') done(refusal(451, '4.3.0 Try again later'));
    else if (fault === 'never') done(refusal(550, '5.1.1 There is no such mailbox here'));
    else onRcptTo.call(smtp, address, session, done);
  };
  smtp.onData = (stream, session, done) => {
    if (fault === 'hang') {
      hanging.add(session.remotePort);
      stream.resume();
    } else if (fault === 'breakOff') {
      onData.call(smtp, stream, session, () => cut(session.remotePort));
    } else onData.call(smtp, stream, session, done);
  };
  return {
    get: () => fault,
    hanging: () => hanging.size,
    set(chosen) {
      fault = chosen;
      if (chosen !== 'hang') for (const port of hanging) cut(port);
    },
  };
}

const refusal = (responseCode: number, message: string) =>
  Object.assign(new Error(message), { responseCode });
