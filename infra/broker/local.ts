import type { ChildProcess } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, nodeAt } from './cluster.ts';
import { clusterIdOf, format, newId } from './format.ts';
import { endProcess, hasEnded, spawnGuarded } from './guard.ts';
import { brokerArguments, LOG, STORAGE, writeFolder } from './jvm.ts';
import { kafkaHome } from './kafkaHome.ts';
import { answers, assertFree, freePorts } from './ports.ts';
import { asProperties, type Settings, serverSettings } from './settings.ts';
import { type Java, javaEnvironment } from './tools.ts';

interface Node {
  id: number;
  port: number;
  dir: string;
  properties: string;
  version: string;
  process?: ChildProcess;
}

/** Starts Kafka as local Java processes, one for each port, from the jars of its version. */
export async function startLocal(options: {
  java: Java;
  version: string;
  /** Makes sure that the jars of a version are on this machine. */
  fetch: (version: string) => Promise<void>;
  ports: number[];
  dataDir: string;
  env: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
  adapt?: ((settings: Settings) => Settings) | undefined;
}): Promise<Cluster> {
  const { java, version, fetch, ports, env, onProgress, adapt = (settings) => settings } = options;
  await fetch(version);
  await assertFree(ports);
  const voters = (await freePorts(ports.length)).map((port) => `127.0.0.1:${port}`);
  const nodes: Node[] = ports.map((port, i) => ({
    version,
    ...describeNode(i + 1, port, voters, options.dataDir, adapt),
  }));
  const dirs = nodes.map((node) => join(node.dir, STORAGE));
  const clusterId = (await Promise.all(dirs.map(clusterIdOf))).find(Boolean) ?? newId();
  for (const node of nodes) await format({ ...node, home: kafkaHome(version), clusterId });

  const start = (node: Node) => startNode(node, java, env, onProgress);
  const end = (node: Node, patienceMs: number) => {
    const child = node.process;
    delete node.process; // so its end is not reported as unexpected
    child?.kill('SIGCONT'); // a frozen process does not get the signal to end
    return child ? endProcess(child, patienceMs) : undefined;
  };
  const stop = async () => {
    // The last of three nodes cannot shut down cleanly: it needs a quorum, and the other nodes have left.
    await Promise.all(nodes.map((node) => end(node, nodes.length > 1 ? 2000 : 5000)));
  };
  try {
    await Promise.all(nodes.map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    kill: async (index) => end(nodeAt(nodes, index), 0),
    restart: async (index, version) => {
      const node = nodeAt(nodes, index);
      if (version) await fetch(version);
      await end(node, 30_000);
      node.version = version ?? node.version;
      await start(node);
    },
    freeze: async (index) => void nodeAt(nodes, index).process?.kill('SIGSTOP'),
    thaw: async (index) => void nodeAt(nodes, index).process?.kill('SIGCONT'),
  };
}

function describeNode(
  id: number,
  port: number,
  voters: string[],
  dataDir: string,
  adapt: (settings: Settings) => Settings,
): Omit<Node, 'version'> {
  const dir = join(dataDir, `broker-${id}-of-${voters.length}`);
  const settings = serverSettings({
    id,
    listeners: { HOST: `127.0.0.1:${port}`, CONTROLLER: voters[id - 1] ?? '' },
    advertised: { HOST: `localhost:${port}` },
    interBroker: 'HOST',
    voters,
    logDir: STORAGE,
  });
  return { id, port, dir, properties: asProperties(adapt(settings)) };
}

/** Resolves when the node accepts connections, which is when Kafka has finished its start. */
async function startNode(node: Node, java: Java, env: NodeJS.ProcessEnv, onProgress: (line: string) => void) {
  await mkdir(node.dir, { recursive: true });
  const home = kafkaHome(node.version);
  await writeFolder(node.dir, home, node.properties);
  const log = join(node.dir, LOG);
  await rm(log, { force: true });
  const out = await open(join(node.dir, 'java.log'), 'w');
  const child = spawnGuarded(java.command, brokerArguments(home, java), {
    cwd: node.dir,
    env: javaEnvironment(env),
    out: out.fd,
  });
  await out.close();
  node.process = child;
  while (!(await answers('127.0.0.1', node.port))) {
    if (hasEnded(child))
      throw new Error(`Kafka broker ${node.id} ended during its start.\n${await lastErrors(node.dir)}`);
    await delay(50);
  }
  child.once('exit', async () => {
    if (node.process === child) onProgress(`Kafka broker ${node.id} ended unexpectedly. Its log is ${log}.`);
  });
}

async function lastErrors(dir: string): Promise<string> {
  const log = await readFile(join(dir, LOG), 'utf8').catch(() => '');
  const java = await readFile(join(dir, 'java.log'), 'utf8').catch(() => '');
  const lines = `${java}${log}`.split('\n').filter((line) => /ERROR|FATAL|Error|Exception/.test(line));
  return `${lines.slice(-5).join('\n')}\nThe full log is in ${dir}.`;
}
