/** HTTP/1.1 over plain sockets: fast enough to overload a server, and able to send what no client library would. */
import { connect, type Socket } from 'node:net';

/** Bytes map to characters one to one (Latin-1), which is enough for a status, a header or an id. */
export interface Answer {
  status: number;
  head: string;
  body: string;
}

/** In milliseconds. */
const longestIdle = 3000;

/** A persistent connection with one request at a time. */
export class Connection {
  readonly #socket: Socket;
  #text = '';
  #waiting: ((answer: Answer | null) => void) | null = null;
  #closed = false;
  #idleSince = performance.now();

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: unknown) => {
      this.#text += text;
      this.#look();
    });
    this.#socket.on('error', () => {}); // a close follows
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#settle(read(this.#text, true)?.answer ?? null);
    });
  }

  /**
   * True if it can send another request. A server may close a connection that is idle for 5 s, even when the next request is
   * in flight.
   */
  get usable(): boolean {
    return !this.#closed && !this.#waiting && performance.now() - this.#idleSince < longestIdle;
  }

  /** Resolves with the answer, or with null if the connection closed or `patience` milliseconds passed. */
  send(request: Buffer | string, patience = 20_000): Promise<Answer | null> {
    if (this.#closed) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.close(), patience);
      this.#waiting = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #look() {
    const found = read(this.#text, false);
    if (!found) return;
    this.#text = this.#text.slice(found.length);
    // More than one answer to one request: one side took a body for a request.
    if (this.#text) this.close();
    if (/\r\nconnection: close/i.test(found.answer.head)) this.close();
    this.#settle(found.answer);
  }

  #settle(answer: Answer | null) {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#idleSince = performance.now();
    waiting?.(answer);
  }
}

/** A limited number of connections to one server. */
export class Pool {
  readonly #url: string;
  readonly #most: number;
  readonly #idle: Connection[] = [];
  #busy = 0;

  constructor(url: string, most: number) {
    this.#url = url;
    this.#most = most;
  }

  /** Sends over a free or new connection. Returns null at once if all are waiting for answers. */
  send(request: Buffer | string): Promise<Answer | null> | null {
    let connection = this.#idle.pop();
    while (connection && !connection.usable) {
      connection.close();
      connection = this.#idle.pop();
    }
    if (!connection && this.#busy >= this.#most) return null;
    const used = connection ?? new Connection(this.#url);
    this.#busy++;
    return used.send(request).then((answer) => {
      this.#busy--;
      if (used.usable) this.#idle.push(used);
      return answer;
    });
  }

  close(): void {
    for (const connection of this.#idle) connection.close();
  }
}

/** Sends raw bytes, ends its side, and resolves with the statuses of all answers until the server ends its side. */
export function sendBytes(url: string, bytes: Buffer): Promise<number[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(bytes));
    socket.setEncoding('latin1');
    socket.setTimeout(20_000, () => socket.destroy());
    socket.on('data', (piece: unknown) => {
      text += piece;
    });
    socket.on('error', () => {});
    socket.on('close', () =>
      resolve([...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))),
    );
  });
}

/** A POST with a JSON body. */
export const post = (path: string, body: string, headers = ''): string =>
  `POST ${path} HTTP/1.1\r\nhost: rides\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;

/** The first answer in a text, and its length; null if it is incomplete. */
function read(text: string, ended: boolean): { answer: Answer; length: number } | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = text.slice(0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  const stop =
    length === undefined ? (ended ? text.length : Number.POSITIVE_INFINITY) : end + 4 + Number(length);
  if (text.length < stop) return null;
  return {
    answer: { status: Number(head.slice(9, 12)), head, body: text.slice(end + 4, stop) },
    length: stop,
  };
}
