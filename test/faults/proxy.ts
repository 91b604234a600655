/** A TCP proxy before Kafka that loses answers: the broker has done what it was asked, and nobody is told. */
import { connect, createServer, type Socket } from 'node:net';
import { seededRandom } from '../../infra/book/random.ts';

/** Kafka's numbers of the requests whose answers matter most. */
export const produce = 0;
export const endTransaction = 26;

export interface LossyProxy {
  /** Answers lost so far, per request. */
  lost: Map<number, number>;
  stop(): Promise<void>;
}

/**
 * @param share of the answers to these requests that are lost, with the connection, from 0 to 1
 * @param seed the same seed loses the same answers
 */
export async function startProxy(
  port: number,
  target: number,
  options: { apis: number[]; share: number; seed: number },
): Promise<LossyProxy> {
  const random = seededRandom(options.seed);
  const lost = new Map<number, number>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1');
    const asked = new Map<number, number>();
    const end = () => {
      client.destroy();
      broker.destroy();
      sockets.delete(client);
    };
    sockets.add(client);
    for (const socket of [client, broker]) socket.on('error', end).on('close', end);
    frames(client, (frame) => {
      asked.set(frame.readInt32BE(8), frame.readInt16BE(4)); // correlation id: api key
      broker.write(frame);
    });
    frames(broker, (frame) => {
      const api = asked.get(frame.readInt32BE(4)) ?? -1;
      asked.delete(frame.readInt32BE(4));
      if (!options.apis.includes(api) || random() >= options.share) return void client.write(frame);
      lost.set(api, (lost.get(api) ?? 0) + 1);
      end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    lost,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Kafka's frames: four bytes of length, then so many bytes. Each is handed over with its length in front. */
function frames(socket: Socket, onFrame: (frame: Buffer) => void) {
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    held = held.length === 0 ? data : Buffer.concat([held, data]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const length = 4 + held.readInt32BE(0);
      onFrame(held.subarray(0, length));
      held = held.subarray(length);
    }
  });
}
