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
  /**
   * Starts a broker again with its data and its port, as another version where one is given; resolves when it accepts
   * connections. One that runs is stopped in order before.
   */
  restart(index: number, options?: { version?: string }): Promise<void>;
  /** Freezes a broker, as a long pause of its machine would (SIGSTOP): it keeps its connections and answers nothing. */
  freeze(index: number): Promise<void>;
  /** Lets a frozen broker go on. */
  thaw(index: number): Promise<void>;
}

export interface BrokerOptions {
  nodes?: 1 | 3;
  /** One for each node; free ones when not given. */
  ports?: number[];
  /** Absolute. Data is kept there and found again by the next start. */
  dataDir: string;
  /** Keeps the data for the next start in the same folder; otherwise it may go at the end. */
  keepData?: boolean;
  /** A release of Apache Kafka; otherwise that of KAFKA_VERSION, or the pinned one. */
  version?: string;
  /** The environment: KAFKA_BROKERS, KAFKA_VERSION, and what finds Docker, Java and Maven. */
  env: NodeJS.ProcessEnv;
  onProgress?: (line: string) => void;
  /** Forces one way of starting a broker. */
  way?: 'docker' | 'local';
  /** Changes the settings of each node, with `way: 'local'` only: for a broker that wants passwords. */
  adapt?: (settings: Settings) => Settings;
}

/** A way that cannot be gone, with the reason as a clause: "no Docker daemon answers". */
class NotPossible extends Error {
  /** What would help, where it is not what the last error says. */
  readonly remedy: string;
  constructor(reason: string, remedy = '') {
    super(reason);
    this.remedy = remedy;
  }
}

/**
 * Gives a running Kafka: the cluster that KAFKA_BROKERS names, else one started with Docker, else one started as local
 * Java processes. What was started ends with this process, however that ends.
 * @throws Error that says what is missing and how to remedy it.
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
      const why = way ? 'this way was asked for' : reasons.join(' and ') || 'a Docker daemon answers';
      return await ready(cluster, ports, `${how}, because ${why}.${faultOf(version)}`);
    } catch (error) {
      if (!(error instanceof NotPossible)) throw error;
      reasons.push(error.message);
      if (name === 'docker' && error.remedy) remedy = error.remedy;
    }
  }
  throw new Error(
    `There is no way to a Kafka broker: ${reasons.join(', and ')}. Remedy, one of these: ${remedy}; ` +
      'install Java 17 or newer and Maven; set KAFKA_BROKERS=host:port to a Kafka that runs already. ' +
      '"npm run doctor" tells more.',
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

/** Containers start, and their ports do not come here. */
const elsewhere = [
  "Docker's engine publishes ports on another machine than this one",
  'in a container that uses the Docker of its host, start rideflow on that host, or run the container with --network host',
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
  const { startInDocker } = await import('./docker.ts'); // takes half a second, and only this way needs it
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

/** Java finds no jar below a folder whose name ends with `!`, or has a character beyond the basic plane of Unicode, such as an emoji. */
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
  if (!java) throw new NotPossible('there is no Java');
  if (java.major < 17)
    throw new NotPossible(`Java ${java.version} is too old, 17 is the oldest that Kafka runs on`);
  const place = [kafkaHome(version), dataDir].find((folder) => unfitForJava.test(folder));
  if (place)
    throw new NotPossible(`Java cannot read ${place}, with ${unfitForJava.exec(place)?.[0]} in its path`);
  const fetch = async (version: string) => {
    if (kafkaIsFetched(version)) return;
    const maven = await findMaven(env);
    if (!maven) throw new NotPossible(`there is no Maven to fetch Kafka ${version} with`);
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
    ? ` Warning: ${version} loses the ends of transactions when a lone broker is killed (KAFKA-20734), and exactly once fails.`
    : '';
