/**
 * A TCP proxy for Kafka that loses or delays answers: the broker has done its work, and the client does not know, or only
 * later. It can also lose requests.
 */
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Broker, startBroker } from '../../infra/broker/broker.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import type { Settings } from '../../infra/broker/settings.ts';

/** Kafka's API keys of the most important requests. */
export const produce = 0;
export const endTransaction = 26;
export const writeMarkers = 27;

/** The fate of the answer to such a request: lost with its connection, or delayed by this many milliseconds. */
export type Treatment = (api: number) => 'lose' | number;

interface Options {
  /** Further settings of the broker. */
  inner?: Settings;
  /** Whether to lose such a request, with its connection, before the broker gets it. */
  loses?: (api: number) => boolean;
}

/** A one-node broker whose only known address goes through the proxy. */
export async function startBehindProxy(
  dataDir: string,
  treat: Treatment,
  options?: Options,
): Promise<Broker> {
  const [shown = 0] = await freePorts(1);
  const broker = await startProxied(dataDir, shown, treat, options);
  return { ...broker, brokers: [`localhost:${shown}`] };
}

/**
 * A one-node broker with a second address that goes through the proxy. Clients that know only this address never use the other.
 * @param shown the port of the second address
 */
export async function startProxied(
  dataDir: string,
  shown: number,
  treat: Treatment,
  { inner = {}, loses = () => false }: Options = {},
): Promise<Broker> {
  const [direct = 0, behind = 0] = await freePorts(2);
  const proxy = await startProxy(shown, behind, treat, loses);
  const broker = await startBroker({
    way: 'local',
    ports: [direct],
    dataDir,
    env: process.env,
    adapt: (settings) => ({
      ...settings,
      ...inner,
      listeners: `${settings.listeners},PROXIED://127.0.0.1:${behind}`,
      'advertised.listeners': `${settings['advertised.listeners']},PROXIED://localhost:${shown}`,
      'listener.security.protocol.map': `${settings['listener.security.protocol.map']},PROXIED:PLAINTEXT`,
    }),
  });
  return {
    ...broker,
    async stop() {
      await broker.stop();
      await proxy.stop();
    },
  };
}

async function startProxy(port: number, target: number, treat: Treatment, loses: (api: number) => boolean) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1');
    const asked = new Map<number, number>();
    /** Keeps the order of the answers. */
    let passed = Promise.resolve();
    const end = () => {
      client.destroy();
      broker.destroy();
      sockets.delete(client);
    };
    sockets.add(client);
    for (const socket of [client, broker]) socket.on('error', end).on('close', end);
    frames(client, (frame) => {
      const api = frame.readInt16BE(4);
      if (loses(api)) return end();
      asked.set(frame.readInt32BE(8), api); // by correlation id
      broker.write(frame);
    });
    client.pause();
    broker.once('connect', () => client.resume());
    frames(broker, (frame) => {
      const treatment = treat(asked.get(frame.readInt32BE(4)) ?? -1);
      asked.delete(frame.readInt32BE(4));
      if (treatment === 'lose') return end();
      const due = treatment > 0 ? sleep(treatment) : undefined;
      passed = passed.then(() => due).then(() => void client.write(frame));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Kafka's frames: a length of four bytes, and the content. Each frame is passed on with its length. */
export function frames(socket: Socket, onFrame: (frame: Buffer) => void) {
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
