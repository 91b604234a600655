import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  Network,
  Wait,
} from 'testcontainers';
import { type Cluster, nodeAt } from './cluster.ts';
import { newId } from './format.ts';
import { isAlive } from './guard.ts';
import { assertFree, Occupied } from './ports.ts';
import { asEnvironment, IMAGE, serverSettings } from './settings.ts';

const DATA = '/var/lib/kafka/data';
const OWNER = 'rideflow.owner-pid';

/** Publishes its ports to this machine alone: the broker asks nobody for a password. */
class LoopbackContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    for (const bindings of Object.values(this.hostConfig.PortBindings ?? {})) {
      for (const binding of bindings as { HostIp?: string }[]) binding.HostIp = '127.0.0.1';
    }
  }
}

/**
 * Starts Kafka as containers, one for each port. Testcontainers' Ryuk removes them when this process is gone. Data is
 * kept in volumes where `keepData` says so; otherwise it goes with the containers.
 */
export async function startInDocker(options: {
  ports: number[];
  dataDir: string;
  keepData: boolean;
  env: NodeJS.ProcessEnv;
}): Promise<Cluster> {
  const { ports, dataDir, keepData, env } = options;
  const client = await getContainerRuntimeClient();
  const volume = keepData ? await volumeName(dataDir, ports.length) : undefined;
  if (volume) await Promise.all(ports.map((_, i) => removeOrphan(client, `${volume}-${i + 1}`)));
  await assertFree(ports);
  const network = ports.length > 1 ? await new Network().start() : undefined;

  const clusterId = clusterIdFor(volume ?? newId());
  const starts = ports.map((port, i) => {
    const id = i + 1;
    const hosts = network ? ports.map((_, n) => `kafka-${n + 1}`) : ['localhost'];
    const settings = serverSettings({
      id,
      listeners: { HOST: ':9092', CONTROLLER: ':9093', INTERNAL: ':9094' },
      advertised: { HOST: `localhost:${port}`, INTERNAL: `${hosts[i]}:9094` },
      interBroker: 'INTERNAL',
      voters: hosts.map((host) => `${host}:9093`),
      logDir: DATA,
    });
    const container = new LoopbackContainer(IMAGE)
      .withExposedPorts({ container: 9092, host: port })
      .withEnvironment({
        ...asEnvironment(settings),
        CLUSTER_ID: clusterId,
        KAFKA_HEAP_OPTS: '-Xms256m -Xmx256m',
        KAFKA_JVM_PERFORMANCE_OPTS: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
      })
      .withLabels({ [OWNER]: String(process.pid) })
      .withStartupTimeout(120_000)
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/));
    if (network) container.withNetwork(network).withNetworkAliases(`kafka-${id}`);
    if (volume) {
      const name = `${volume}-${id}`;
      container.withName(name).withBindMounts([{ source: name, target: DATA, mode: 'rw' }]);
    }
    return container.start();
  });
  const started = await Promise.allSettled(starts);
  const nodes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const release = removeWithParent(
    nodes.map((node) => node.getId()),
    env,
  );
  const stop = async () => {
    release();
    // The last node of three cannot leave in order: the others, whose agreement it needs, have left.
    const timeout = nodes.length > 1 ? 2000 : 5000;
    await Promise.all(nodes.map((node) => node.stop({ timeout })));
    await network?.stop();
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await stop().catch(() => {});
    throw failed.reason;
  }
  const containerAt = (index: number) => client.container.getById(nodeAt(nodes, index).getId());
  return {
    stop,
    kill: async (index) => {
      const container = containerAt(index);
      await container.kill();
      await container.wait();
    },
    restart: async (index) => {
      await containerAt(index).start();
    },
  };
}

/**
 * Removes the containers when this process is gone, in whatever way. Ryuk does that too, but only once every process that
 * shares it is gone. The shell reads from a pipe that only this process holds open.
 * @returns how to call it off
 */
function removeWithParent(ids: string[], env: NodeJS.ProcessEnv): () => void {
  const watcher = spawn('sh', ['-c', 'read -r end || docker rm -f -v "$@"', 'sh', ...ids], {
    env,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  (watcher.stdin as Socket).unref();
  return () => watcher.stdin.end('end\n');
}

/** An id of a cluster's own for each set of data: the image would give all clusters the same one. */
function clusterIdFor(name: string): string {
  return createHash('sha256').update(name).digest().subarray(0, 16).toString('base64url').replace(/^-/, '_');
}

/** Removes what a killed process left: Ryuk needs ten seconds for it, and the user may be quicker. */
async function removeOrphan(client: ContainerRuntimeClient, name: string): Promise<void> {
  const container = client.container.getById(name);
  const owner = await container.inspect().then(
    (found) => Number(found.Config.Labels[OWNER]),
    () => undefined,
  );
  if (owner === undefined) return;
  if (isAlive(owner))
    throw new Occupied(`Process ${owner} already runs a Kafka broker with this data (container ${name}).`);
  await container.remove({ force: true, v: true });
}

/** The name is kept in the data folder: whoever deletes that folder starts with fresh volumes. */
async function volumeName(dataDir: string, nodes: number): Promise<string> {
  const file = join(dataDir, `docker-volume-of-${nodes}`);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known) return known.trim();
  const name = `rideflow-${newId()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 8)}`;
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, `${name}\n`);
  return name;
}
