/**
 * Faults between this process and Kafka, at the socket: a request that never arrives, an answer that never arrives, a
 * Kafka that is silent. kafkajs writes each request in one piece, so a piece tells which request it is.
 */
import net from 'node:net';

/** Request types by their key in the Kafka protocol. */
const apis = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  8: 'OffsetCommit',
  12: 'Heartbeat',
  14: 'SyncGroup',
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  25: 'AddOffsetsToTxn',
  26: 'EndTxn',
  28: 'TxnOffsetCommit',
} as Record<number, string>;
export type Api =
  | 'Produce'
  | 'Fetch'
  | 'ListOffsets'
  | 'OffsetCommit'
  | 'Heartbeat'
  | 'SyncGroup'
  | 'InitProducerId'
  | 'AddPartitionsToTxn'
  | 'AddOffsetsToTxn'
  | 'EndTxn'
  | 'TxnOffsetCommit';

interface Rule {
  api: Api;
  service: string;
  lose: 'request' | 'answer';
  fired: () => void;
}

export interface Faults {
  /** Loses the next such request of a service, or its answer, together with the connection. Resolves when that has happened. */
  loseOne(lose: Rule['lose'], api: Api, service: string): Promise<void>;
  /** From now on silently drops such requests of a service. */
  silence(api: Api, service: string): void;
  /** Breaks all connections and refuses new ones. */
  cut(): void;
  /** The number of such requests of a service. */
  sent(api: Api, service: string): number;
  /** The number of refused connections. */
  refused(): number;
  heal(): void;
  /** Removes all faults. */
  remove(): void;
}

/** Affects every connection that kafkajs opens from now on. */
export function injectFaults(): Faults {
  const connect = net.connect;
  let rules: Rule[] = [];
  const silent = new Set<string>();
  const sockets = new Set<net.Socket>();
  const counts = new Map<string, number>();
  let refusing = false;
  let refused = 0;
  const heal = () => {
    rules = [];
    silent.clear();
    refusing = false;
  };
  const tamper = (socket: net.Socket) => {
    const write = socket.write as (...args: unknown[]) => boolean;
    socket.write = ((data: Buffer, ...rest: unknown[]) => {
      const request = Buffer.isBuffer(data) ? requestOf(data) : undefined;
      const kind = `${request?.api} ${request?.service}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (silent.has(kind)) return true;
      const rule = rules.find(({ api, service }) => api === request?.api && service === request.service);
      if (!rule) return write.apply(socket, [data, ...rest]);
      rules = rules.filter((other) => other !== rule);
      if (rule.lose === 'request') {
        rule.fired();
        socket.destroy(new Error('the connection broke before the request'));
        return true;
      }
      const emit = socket.emit;
      socket.emit = function (this: net.Socket, event: string, ...args: unknown[]) {
        if (event !== 'data') return Reflect.apply(emit, this, [event, ...args]);
        socket.emit = emit;
        rule.fired();
        socket.destroy(new Error('the connection broke before the answer'));
        return true;
      } as typeof emit;
      return write.apply(socket, [data, ...rest]);
    }) as typeof socket.write;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  net.connect = ((options: net.NetConnectOpts, ...rest: unknown[]) => {
    if (refusing) refused++;
    const to = refusing ? { ...options, port: 1 } : options; // a port where nothing listens
    return tamper(Reflect.apply(connect, net, [to, ...rest]));
  }) as typeof net.connect;
  return {
    loseOne: (lose, api, service) => new Promise((fired) => rules.push({ api, service, lose, fired })),
    silence: (api, service) => void silent.add(`${api} ${service}`),
    cut: () => {
      refusing = true;
      for (const socket of sockets) socket.destroy(new Error('the connection was cut'));
    },
    sent: (api, service) => counts.get(`${api} ${service}`) ?? 0,
    refused: () => refused,
    heal,
    remove: () => {
      heal();
      net.connect = connect;
    },
  };
}

/**
 * The head of a request: size (4 bytes), api key (2), version (2), correlation id (4), client id (2 + n). The client id of a
 * service is `rideflow-<name>-<6 digits that tell processes apart>`.
 */
function requestOf(data: Buffer): { api: string; service: string } | undefined {
  if (data.length < 14) return undefined;
  const length = data.readInt16BE(12);
  const clientId = data.toString('utf8', 14, 14 + Math.max(length, 0));
  return {
    api: apis[data.readInt16BE(4)] ?? '',
    service: clientId.replace(/^rideflow-/, '').replace(/-[0-9a-f]{6}$/, ''),
  };
}
