/** The broker's properties by their names in Apache Kafka's documentation. */
export type Settings = Record<string, string>;

/** What differs between two nodes, and between a local process and a container. */
export interface NodeAddresses {
  /** 1, 2 or 3. */
  id: number;
  /** Listener name → `host:port` to bind; must contain `CONTROLLER` and the inter-broker listener. */
  listeners: Record<string, string>;
  /** Listener name → `host:port` told to clients; without `CONTROLLER`. */
  advertised: Record<string, string>;
  /** Must be advertised at an address that the brokers reach themselves: else transactions never commit. */
  interBroker: string;
  /** `host:port` of each node's controller, in the order of the ids. */
  voters: string[];
  logDir: string;
}

/** The properties of one node of a cluster in KRaft mode; each node is broker and controller. */
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

    // Topics are created on purpose only.
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

    // Kafka keeps a message for 7 to 14 days, and the place of a stopped group for 7 days, unless this says otherwise. A reader
    // whose place expires before the messages would mail all of them again.
    'offsets.retention.minutes': String(30 * 24 * 60),
    // The first member of a group starts at once, and tests may use short sessions.
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // A killed broker is back after its old registration has timed out: 2 s instead of 9.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '300',
    // A dead container's address answers nothing, not even a refusal: brokers give up on it after 1 s instead of 10 to 30, and
    // ask the new controller for what transactions need.
    'socket.connection.setup.timeout.ms': '1000',
    'socket.connection.setup.timeout.max.ms': '2000',
    // The default takes half of a heap of 256 MB, and the collector then never rests.
    'log.cleaner.dedupe.buffer.size': '8388608',
  };
}

/** For a java process: the text of a `server.properties` file, which is Latin-1 and has other letters as `\uXXXX`. */
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
