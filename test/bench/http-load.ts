/**
 * Sends requests over persistent connections as fast as they are answered, in a separate process. Uses plain sockets, sends
 * the next request after each answer, and only parses the status and the length of an answer.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import { post } from '../faults/raw-http.ts';

export interface LoadOrder {
  port: number;
  connections: number;
  /** Before the measurement, in seconds. */
  warm: number;
  window: number;
}
/** Sent when the measurement begins and when it ends. */
export interface LoadMark {
  answered: number;
  /** In milliseconds, monotonic. */
  at: number;
  /** Answers that are not 2xx, by status. */
  refused: Record<string, number>;
}

const random = seededRandom('load');
const requests = Array.from({ length: 1000 }, () =>
  Buffer.from(post('/rides', JSON.stringify(randomRide(random)))),
);

process.on('message', async ({ port, connections, warm, window }: LoadOrder) => {
  let answered = 0;
  let next = 0;
  let over = false;
  const refused: Record<string, number> = {};
  const mark = () => process.send?.({ answered, at: performance.now(), refused } satisfies LoadMark);

  function client(): Socket {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let missing = 0; // of the current answer, in bytes
    let begun: Buffer | null = null; // an incomplete head
    const ask = () => void (over ? socket.end() : socket.write(requests[next++ % requests.length] as Buffer));
    socket.on('connect', ask);
    socket.on('error', (error) => {
      if (!over) throw error;
    });
    socket.on('data', (piece: Buffer) => {
      if (missing === 0) {
        const head = begun ? Buffer.concat([begun, piece]) : piece;
        const end = head.indexOf('\r\n\r\n');
        begun = end < 0 ? head : null;
        if (end < 0) return;
        const text = head.toString('latin1', 0, end);
        if (text[9] !== '2') refused[text.slice(9, 12)] = (refused[text.slice(9, 12)] ?? 0) + 1;
        missing = end + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1]) - head.length;
      } else missing -= piece.length;
      if (missing > 0) return;
      answered++;
      ask();
    });
    return socket;
  }

  const sockets = Array.from({ length: connections }, client);
  await sleep(warm * 1000);
  mark();
  await sleep(window * 1000);
  mark();
  over = true;
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  process.send?.('idle');
});
