import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Blocked } from './blocked.ts';

/** True when something listens on that port of this machine, or the port is unavailable for another reason. */
export async function portIsTaken(port: number): Promise<boolean> {
  return (await answers('localhost', port)) || !(await canListen(port));
}

/** True when `host:port` accepts a TCP connection within `timeout` milliseconds. */
export function answers(host: string, port: number, timeout = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeout, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/**
 * Ports of this machine that are free now. They are below the range that the system uses for outgoing connections, so a broker
 * finds its port free after a restart.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (!found.has(port) && !(await portIsTaken(port)) && (await reserve(port))) found.add(port);
  }
  return [...found];
}

/** How long a port stays reserved for the process that shall listen on it, in milliseconds. */
const reserved = 60_000;

/**
 * Others that look for free ports at the same time do not find this one. The name is in Linux' abstract namespace, which belongs
 * to the network as ports do, and is free again when the process ends; other systems reserve nothing.
 */
function reserve(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(true);
  return new Promise((resolve) => {
    const claim = createServer();
    claim.once('error', () => resolve(false));
    claim.listen(`\0rideflow-port-${port}`, () => {
      claim.unref();
      setTimeout(() => claim.close(), reserved).unref();
      resolve(true);
    });
  });
}

/**
 * Resolves when all ports are free. Waits a moment for a predecessor that is about to end.
 * @throws Blocked with the ports that are still taken
 */
export async function assertFree(ports: number[], patienceMs = 2000): Promise<void> {
  const giveUp = Date.now() + patienceMs;
  for (;;) {
    const taken: number[] = [];
    for (const port of ports) if (await portIsTaken(port)) taken.push(port);
    if (taken.length === 0) return;
    if (Date.now() > giveUp) {
      const which = taken.length === 1 ? `Port ${taken[0]} is` : `The ports ${taken.join(', ')} are`;
      throw new Blocked(
        `${which} already taken by another process, and the Kafka broker needs it. ` +
          `End that process, or set KAFKA_BROKERS=localhost:${taken[0]} to use it if it is a Kafka broker.`,
      );
    }
    await delay(100);
  }
}

/** True when a server can listen on that port of an address of this machine. */
export function canListen(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}
