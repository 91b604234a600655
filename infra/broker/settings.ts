/** The broker's properties, with the names of Apache Kafka's documentation. */
export type Settings = Record<string, string>;

/** The settings that differ between nodes, and between a local process and a container. */
export interface NodeAddresses {
  /** 1, 2 or 3. */
  id: number;
  /** Listener name → `host:port` to bind; must contain `CONTROLLER` and the inter-broker listener. */
  listeners: Record<string, string>;
  /** Listener name → advertised `host:port`; without `CONTROLLER`. */
  advertised: Record<string, string>;
  /** Its advertised address must be reachable for the brokers themselves. Otherwise transactions never commit. */
  interBroker: string;
  /** `host:port` of each node's controller, ordered by id. */
  voters: string[];
  logDir: string;
}

/** The properties of one KRaft node. Each node is broker and controller. */
export function serverSettings(node: NodeAddresses): Settings {
  const nodes = node.voters.length;
  const inSync = nodes > 1 ? '2' : '1';
  return {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': node.voters.map((address, i) => `${i + 1}@${address}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: urls(node.listeners),
    'advertised.listeners': urls(node.advertised),
    'listener.security.protocol.map': Object.keys(node.listeners)
      .map((name) => `${name}:PLAINTEXT`)
      .join(','),
    'inter.broker.listener.name': node.interBroker,
    'log.dirs': node.logDir,

    // Topics are only created explicitly.
    'auto.create.topics.enable': 'false',
    'default.replication.factor': String(nodes),
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': String(nodes),
    'offsets.topic.num.partitions': '3',
    'transaction.state.log.replication.factor': String(nodes),
    'transaction.state.log.num.partitions': '3',
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': String(nodes),
    'share.coordinator.state.topic.min.isr': inSync,

    // By default, Kafka keeps messages for 7 to 14 days, and the committed offsets of a stopped group for 7 days. If the
    // offsets expire before the messages, email mails all of them again.
    'offsets.retention.minutes': String(30 * 24 * 60),
    // The first member of a group starts at once, and tests can use short session timeouts.
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // By default, an idle controller writes a record that says nothing twice a second.
    'metadata.max.idle.interval.ms': '10000',
    // With transaction version 2, a broker asks again whether the previous transaction has ended. The default is 20 ms.
    'add.partitions.to.txn.retry.backoff.ms': '1',
    // A killed broker can return when its old registration has timed out: after 2 s instead of 9 s.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '300',
    // The address of a dead container does not even refuse connections. Brokers give up on it after 1 s instead of 10 to 30 s,
    // and then ask the new controller for what transactions need.
    'socket.connection.setup.timeout.ms': '1000',
    'socket.connection.setup.timeout.max.ms': '2000',
    // The default takes half of the 256 MB heap, and the garbage collector then runs all the time.
    'log.cleaner.dedupe.buffer.size': '8388608',
  };
}

/** For a Java process: the text of a `server.properties` file. The file is Latin-1; other letters are written as `\uXXXX`. */
export function asProperties(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('');
}

const escaped = (value: string) =>
  value
    .replaceAll('\\', '\\\\')
    .replace(/^ /, '\\ ')
    .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** For the image: `log.dirs` becomes `KAFKA_LOG_DIRS`. */
export function asEnvironment(settings: Settings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`,
      value,
    ]),
  );
}

function urls(addresses: Record<string, string>): string {
  return Object.entries(addresses)
    .map(([name, address]) => `${name}://${address}`)
    .join(',');
}
