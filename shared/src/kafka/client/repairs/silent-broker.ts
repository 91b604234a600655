/**
 * A broker that is frozen or cut off by the network keeps its connections and does not answer. kafkajs retries over the same
 * connection until its retries are used up, although the cluster has other leaders by then. Here, as in Kafka's own clients, a
 * request timeout closes the connections to its broker, and kafkajs looks for another one.
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { wasSilent } from './silence.ts';

const require = createRequire(import.meta.url);
const { KafkaJSConnectionError, KafkaJSConnectionClosedError } = require('kafkajs/src/errors') as Record<
  'KafkaJSConnectionError' | 'KafkaJSConnectionClosedError',
  new (
    message: string,
    of: object,
  ) => Error
>;

interface Connection {
  socket?: Socket;
  rejectRequests(error: Error): void;
  disconnect(): Promise<unknown>;
}
/** All connections to one broker. */
interface Pool {
  host: string;
  port: number;
  pool: Connection[];
  send(request: object): Promise<unknown>;
}
interface Broker {
  brokerAddress: string;
  connect(): Promise<void>;
  isConnected(): boolean;
}
/** All brokers of a cluster. */
interface Brokers {
  brokers: Record<string, Broker>;
  findBroker(of: { nodeId: string }): Promise<Broker>;
  withBroker<T>(ask: (of: { nodeId: string; broker: Broker }) => Promise<T>): Promise<T | null>;
}
const { prototype: pool } = require('kafkajs/src/network/connectionPool') as { prototype: Pool };
const { prototype: broker } = require('kafkajs/src/broker') as { prototype: Broker };
const { prototype: brokers } = require('kafkajs/src/cluster/brokerPool') as { prototype: Brokers };

/** When the connections were closed. Timeouts of earlier requests say nothing about the new connections. */
const endings = new WeakMap<Pool, number>();

const sendAsKafkajs = pool.send;
pool.send = async function (this: Pool, request) {
  const asked = performance.now();
  try {
    return await sendAsKafkajs.call(this, request);
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'KafkaJSRequestTimeoutError') throw error;
    wasSilent(`${this.host}:${this.port}`);
    const closed = new KafkaJSConnectionClosedError(message, { host: this.host, port: this.port });
    if (asked > (endings.get(this) ?? 0)) {
      endings.set(this, performance.now());
      for (const connection of this.pool) {
        connection.rejectRequests(closed);
        connection.socket?.destroy();
        void connection.disconnect();
      }
    }
    throw closed;
  }
};

/**
 * A broker that does not respond during the connection is unreachable. This error and its code make kafkajs choose another
 * one.
 */
const connectAsKafkajs = broker.connect;
broker.connect = async function (this: Broker) {
  try {
    await connectAsKafkajs.call(this);
  } catch (error) {
    const { name, message } = error as Error;
    if (!/^KafkaJS(RequestTimeout|ConnectionClosed)Error$/.test(name)) throw error;
    throw new KafkaJSConnectionError(message, { broker: this.brokerAddress, code: 'ECONNREFUSED' });
  }
};

/** Any broker can look up a coordinator. kafkajs asks a random one, connected or not, and gives up if it cannot connect. */
const withBrokerAsKafkajs = brokers.withBroker;
brokers.withBroker = async function (this: Brokers, ask) {
  const connected = (nodeId: string) => Number(this.brokers[nodeId]?.isConnected());
  const nodeIds = Object.keys(this.brokers).sort((a, b) => connected(b) - connected(a));
  if (nodeIds.length === 0) return withBrokerAsKafkajs.call(this, ask) as ReturnType<typeof ask>; // throws an error that its callers expect
  for (const nodeId of nodeIds) {
    try {
      return await ask({ nodeId, broker: await this.findBroker({ nodeId }) });
    } catch {} // the next broker may know
  }
  return null;
};
