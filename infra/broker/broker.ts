import { fetchKafka, kafkaIsFetched } from './kafkaHome.ts';
import { startLocal } from './local.ts';
import { freePorts } from './ports.ts';
import { KAFKA_VERSION } from './settings.ts';
import { findJava, findMaven } from './tools.ts';

/** A Kafka cluster to work with. */
export interface Broker {
  /** For example `['localhost:9092']`. */
  brokers: string[];
  /** One sentence: which of the three ways was chosen, and why. */
  how: string;
  /** Stops what was started here; does nothing to a cluster that KAFKA_BROKERS names. */
  stop(): Promise<void>;
  /** Kills a broker the hard way, as a crash would (`kill -9`). Index from 0. */
  kill(index: number): Promise<void>;
  /** Starts a killed broker again with its data and its port; resolves when it accepts connections. */
  restart(index: number): Promise<void>;
}

export interface BrokerOptions {
  nodes?: 1 | 3;
  /** One for each node; free ones when not given. */
  ports?: number[];
  /** Absolute. Data is kept there and found again by the next start. */
  dataDir: string;
  /** The environment: KAFKA_BROKERS, and what finds Docker, Java and Maven. */
  env: NodeJS.ProcessEnv;
  onProgress?: (line: string) => void;
  /** Forces one way of starting a broker. */
  way?: 'docker' | 'local';
}

/**
 * Gives a running Kafka: the cluster that KAFKA_BROKERS names, else one started with Docker, else one started as local
 * Java processes. What was started ends with this process, however that ends.
 * @throws Error that says what is missing and how to remedy it.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { env, dataDir, nodes = 1, onProgress = () => {} } = options;
  const ports = options.ports ?? (await freePorts(nodes));
  const java = await findJava(env);
  if (!java || java.major < 17) throw new Error('no java');
  const maven = await findMaven(env);
  if (!maven && !kafkaIsFetched()) throw new Error('no maven');
  if (maven) await fetchKafka(maven.command, java, env, onProgress);
  const cluster = await startLocal({ java, ports, dataDir, env, onProgress });
  return {
    ...cluster,
    brokers: ports.map((port) => `localhost:${port}`),
    how: `Kafka ${KAFKA_VERSION} runs as a local process with Java ${java.version}.`,
  };
}
