/** The HTTP port of a service: opens it, also for a crowd, and closes it without losing a request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  createServer as createListener,
  type Server as Listener,
  type ListenOptions,
  type Socket,
} from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The listen backlog; the limit of the machine may be lower. With the default of 511, some of many simultaneous connections
 * are dropped silently and wait for seconds until TCP retries.
 */
const backlog = 4096;
/**
 * Idle timeout of a connection, in milliseconds: longer than that of a proxy (nginx 60 s, others 65 s or less). If a
 * connection closes while a proxy sends a POST on it, the proxy answers 502 and must not retry.
 */
const keepAlive = 75_000;
/**
 * Listening sockets for a crowd. In each turn of the event loop, libuv accepts one connection of each socket, and a turn takes
 * as long as all requests that have arrived. With one socket, 2000 new customers waited until an overload was over.
 */
const forCrowd = 128;

type MayStay = (connection: Socket) => boolean;

export interface OpenPort {
  port: number;
  server: Server;
  /**
   * Closes idle keep-alive connections at once, gives running requests time to finish, and then ends their connections.
   * @param mayStay whether a connection stays open, and the end does not wait for it
   * @param patience the time for running requests, in milliseconds since the call; asked again and again, so it can change
   */
  close(mayStay: MayStay, patience: () => number): Promise<void>;
}

interface Options {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Accepts thousands of new connections at once, on Linux: there the connections are distributed over several sockets of a port. */
  crowd: boolean;
}

/** @throws Error when the port is already in use */
export async function openPort(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { host, port, crowd }: Options,
): Promise<OpenPort> {
  const server = createServer(answer);
  server.keepAliveTimeout = keepAlive;
  const connections = new Set<Socket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  const close = (listeners: Listener[], mayStay: MayStay, patience: () => number) => {
    for (const listener of listeners) listener.close();
    server.closeIdleConnections();
    return onlyThoseLeft(connections, mayStay, patience);
  };
  if (!crowd || process.platform !== 'linux') {
    const opened = await listen(server, { host, port, backlog });
    return { port: opened, server, close: (...how) => close([server], ...how) };
  }
  // With reusePort, listening succeeds even if another process shares the port too. So the first socket listens without it.
  const alone = createListener();
  const free = await listen(alone, { host, port, backlog });
  await new Promise((closed) => alone.close(closed));
  const options = { noDelay: true, allowHalfOpen: true }; // as node:http has them
  const further = Array.from({ length: forCrowd - 1 }, () =>
    createListener(options, (socket) => void server.emit('connection', socket)),
  );
  const listeners = [server, ...further];
  for (const listener of listeners) await listen(listener, { host, port: free, backlog, reusePort: true });
  return { port: free, server, close: (...how) => close(listeners, ...how) };
}

function listen(listener: Listener, options: ListenOptions & { host: string; port: number }) {
  return new Promise<number>((resolve, reject) => {
    listener.once('error', (error: Error & { code?: string }) => {
      const { host, port } = options;
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`port ${port} on ${host} is already in use. Set PORT to another port`) : error,
      );
    });
    listener.listen(options, () => resolve((listener.address() as AddressInfo).port));
  });
}

/** Resolves when only connections are left that may stay. Others end when the patience does. */
async function onlyThoseLeft(connections: Set<Socket>, mayStay: MayStay, patience: () => number) {
  for (const since = performance.now(); ; await sleep(20, null, { ref: false })) {
    const others = [...connections].filter((connection) => !mayStay(connection));
    if (others.length === 0) return;
    if (performance.now() - since > patience()) for (const connection of others) connection.destroy();
  }
}
