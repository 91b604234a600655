import { Blocked } from './blocked.ts';
import { answersWith, type Cluster } from './cluster.ts';
import { dockerEngine, hasImage, pullImage } from './dockerCli.ts';
import { external } from './external.ts';
import { fetchKafka, kafkaHome, kafkaIsFetched } from './kafkaHome.ts';
import { startLocal } from './local.ts';
import { answers, freePorts } from './ports.ts';
import type { Settings } from './settings.ts';
import { findJava, findMaven } from './tools.ts';
import { checked, imageOf, losesMarkers, versionOf } from './version.ts';

/** A running Kafka cluster. */
export interface Broker {
  /** For example `['localhost:9092']`. */
  brokers: string[];
  /** One sentence that says how Kafka runs, and why this way was chosen. */
  how: string;
  /** Stops the brokers that were started here. Does nothing to a cluster that KAFKA_BROKERS names. */
  stop(): Promise<void>;
  /** Kills a broker, as a crash would (`kill -9`). The index counts from 0. */
  kill(index: number): Promise<void>;
  /**
   * Restarts a broker with its data and its port, as `version` if one is given. A running broker is stopped cleanly first.
   * Resolves when the broker accepts connections.
   */
  restart(index: number, options?: { version?: string }): Promise<void>;
  /** Freezes a broker, as a long pause of its machine would (SIGSTOP): it keeps its connections and does not answer. */
  freeze(index: number): Promise<void>;
  /** Resumes a frozen broker. */
  thaw(index: number): Promise<void>;
}

export interface BrokerOptions {
  nodes?: 1 | 3;
  /** One port for each node. Default: free ports. */
  ports?: number[];
  /** Absolute path of the data. The next start finds the data there. */
  dataDir: string;
  /** Keeps the data for the next start in the same folder. Otherwise the data may be deleted at the end. */
  keepData?: boolean;
  /** A release of Apache Kafka. Default: KAFKA_VERSION, or else the pinned release. */
  version?: string;
  /** The environment: KAFKA_BROKERS, KAFKA_VERSION, and the variables that locate Docker, Java and Maven. */
  env: NodeJS.ProcessEnv;
  onProgress?: (line: string) => void;
  /** Forces one way of starting a broker. */
  way?: 'docker' | 'local';
  /** Changes the settings of each node, for example to require passwords. Only with `way: 'local'`. */
  adapt?: (settings: Settings) => Settings;
}

/** This way of starting a broker is not possible. The message is the reason as a clause: "no Docker daemon answers". */
class NotPossible extends Error {
  /** What to do about it, if it is not the default advice. */
  readonly remedy: string;
  constructor(reason: string, remedy = '') {
    super(reason);
    this.remedy = remedy;
  }
}

/**
 * Returns a running Kafka: the cluster that KAFKA_BROKERS names, else a new one in Docker, else a new one as local Java
 * processes. A cluster started here ends with this process, however this process ends.
 * @throws Error that says what is missing and how to fix it
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { env, way } = options;
  if (env.KAFKA_BROKERS?.trim() && !way) return external(env);
  const version = options.version ? checked(options.version, 'The version') : versionOf(env);
  const ports = options.ports ?? (await freePorts(options.nodes ?? 1));
  const keepData = options.keepData ?? false;
  const what = {
    version,
    ports,
    dataDir: options.dataDir,
    keepData,
    env,
    onProgress: options.onProgress ?? (() => {}),
    adapt: options.adapt,
  };
  const reasons: string[] = [];
  let remedy = 'start Docker';
  for (const [name, start] of [
    ['docker', withDocker],
    ['local', withJava],
  ] as const) {
    if (way && way !== name) continue;
    try {
      const { cluster, how } = await start(what);
      const why = way ? 'this way was requested' : reasons.join(' and ') || 'a Docker daemon answers';
      return await ready(cluster, ports, `${how}, because ${why}.${faultOf(version)}`);
    } catch (error) {
      if (!(error instanceof NotPossible)) throw error;
      reasons.push(error.message);
      if (name === 'docker' && error.remedy) remedy = error.remedy;
    }
  }
  throw new Error(
    `No Kafka broker can be started: ${reasons.join(', and ')}. Do one of the following: ${remedy}; ` +
      'install Java 17 or newer and Maven; set KAFKA_BROKERS=host:port to a running Kafka. ' +
      'For details, run "npm run doctor".',
  );
}

interface What {
  version: string;
  ports: number[];
  dataDir: string;
  keepData: boolean;
  env: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
  adapt: ((settings: Settings) => Settings) | undefined;
}

/** The containers start, but their ports are not on this machine. */
const elsewhere = [
  'the Docker engine publishes ports on a different machine',
  'if this is a container that uses the Docker engine of its host, start rideflow on that host or run the container with --network host',
] as const;

async function withDocker({
  version,
  ports,
  dataDir,
  keepData,
  env,
  onProgress,
}: What): Promise<{ cluster: Cluster; how: string }> {
  const engine = await dockerEngine(env);
  if ('problem' in engine) throw new NotPossible(engine.problem, engine.remedy);
  const fetch = async (version: string) => {
    const image = imageOf(version);
    if (await hasImage(env, image)) return;
    const problem = await pullImage(env, image, onProgress);
    if (problem) throw new NotPossible(`Docker cannot pull the image ${image} (${problem})`);
  };
  await fetch(version);
  const { startInDocker } = await import('./docker.ts'); // loading it takes half a second, and only Docker needs it
  const cluster = await startInDocker({ version, fetch, ports, dataDir, keepData, env }).catch(
    (error: Error) => {
      if (error instanceof Blocked) throw error;
      if (error.message.includes('connect to Reaper')) throw new NotPossible(...elsewhere);
      throw new NotPossible(`Docker cannot run it (${error.message.split('\n')[0]})`);
    },
  );
  if (!(await answers('127.0.0.1', ports[0] ?? 0, 5000))) {
    await cluster.stop();
    throw new NotPossible(...elsewhere);
  }
  return { cluster, how: `Kafka ${version} runs in Docker ${engine.version}` };
}

/**
 * Java finds no jars in a folder whose name ends with `!`, or contains a character outside the basic plane of Unicode, such as
 * an emoji.
 */
const unfitForJava = /!(?=[\\/])|[\u{10000}-\u{10ffff}]/u;

async function withJava({
  version,
  ports,
  dataDir,
  env,
  onProgress,
  adapt,
}: What): Promise<{ cluster: Cluster; how: string }> {
  const java = await findJava(env);
  if (!java) throw new NotPossible('Java is not installed');
  if (java.major < 17) throw new NotPossible(`Java ${java.version} is too old: Kafka needs 17 or newer`);
  const place = [kafkaHome(version), dataDir].find((folder) => unfitForJava.test(folder));
  if (place)
    throw new NotPossible(`Java cannot read ${place}, with ${unfitForJava.exec(place)?.[0]} in its path`);
  const fetch = async (version: string) => {
    if (kafkaIsFetched(version)) return;
    const maven = await findMaven(env);
    if (!maven) throw new NotPossible(`Maven, which fetches Kafka ${version}, is not installed`);
    await fetchKafka(version, maven.command, java, env, onProgress);
  };
  const cluster = await startLocal({ java, version, fetch, ports, dataDir, env, onProgress, adapt });
  const processes = ports.length === 1 ? 'a local process' : `${ports.length} local processes`;
  return { cluster, how: `Kafka ${version} runs as ${processes} on Java ${java.version}` };
}

async function ready(cluster: Cluster, ports: number[], how: string): Promise<Broker> {
  const brokers = ports.map((port) => `localhost:${port}`);
  const allAnswer = () => Promise.all(brokers.map((address) => answersWith(brokers.length, address)));
  try {
    await allAnswer();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return {
    brokers,
    how,
    stop: cluster.stop,
    kill: cluster.kill,
    restart: async (index, { version } = {}) => {
      await cluster.restart(index, version && checked(version, 'The version'));
      await answersWith(1, brokers[index] ?? '');
    },
    freeze: cluster.freeze,
    thaw: cluster.thaw,
  };
}

const faultOf = (version: string) =>
  losesMarkers(version)
    ? ` Warning: ${version} can lose transaction markers when a lone broker is killed (KAFKA-20734). Exactly once then fails.`
    : '';
