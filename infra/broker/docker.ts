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
import { Blocked } from './blocked.ts';
import { type Cluster, nodeAt } from './cluster.ts';
import { newId } from './format.ts';
import { isAlive } from './guard.ts';
import { assertFree } from './ports.ts';
import { asEnvironment, serverSettings } from './settings.ts';
import { assertReadable, imageOf } from './version.ts';

const DATA = '/var/lib/kafka/data';
const OWNER = 'rideflow.owner-pid';

/** Publishes its ports to this machine only, because the broker requires no password. */
class LoopbackContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    for (const bindings of Object.values(this.hostConfig.PortBindings ?? {})) {
      for (const binding of bindings as { HostIp?: string }[]) binding.HostIp = '127.0.0.1';
    }
  }
}

/**
 * Starts Kafka as containers, one for each port. Testcontainers' Ryuk removes them when this process has ended. The data is in
 * volumes. With `keepData` the volumes remain; otherwise they are deleted with the containers.
 */
export async function startInDocker(options: {
  version: string;
  /** Makes sure that the image of a version is on this machine. */
  fetch: (version: string) => Promise<void>;
  ports: number[];
  dataDir: string;
  keepData: boolean;
  env: NodeJS.ProcessEnv;
}): Promise<Cluster> {
  const { version, fetch, ports, dataDir, keepData, env } = options;
  const client = await getContainerRuntimeClient();
  const volume = keepData ? await keptVolume(dataDir, ports.length, version) : newVolume();
  /** The name of the containers and of their volumes. */
  const names = ports.map((_, i) => `${volume}-${i + 1}`);
  await Promise.all(names.map((name) => removeOrphan(client, name)));
  await assertFree(ports);
  const network = ports.length > 1 ? await new Network().start() : undefined;

  const clusterId = clusterIdFor(volume);
  const start = (i: number, version: string) => {
    const id = i + 1;
    const name = names[i] ?? '';
    const hosts = network ? ports.map((_, n) => `kafka-${n + 1}`) : ['localhost'];
    const settings = serverSettings({
      id,
      listeners: { HOST: ':9092', CONTROLLER: ':9093', INTERNAL: ':9094' },
      advertised: { HOST: `localhost:${ports[i]}`, INTERNAL: `${hosts[i]}:9094` },
      interBroker: 'INTERNAL',
      voters: hosts.map((host) => `${host}:9093`),
      logDir: DATA,
    });
    const container = new LoopbackContainer(imageOf(version))
      .withName(name)
      .withBindMounts([{ source: name, target: DATA, mode: 'rw' }])
      .withExposedPorts({ container: 9092, host: ports[i] ?? 0 })
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
    return container.start();
  };
  const release = removeWithParent(names, keepData, env);
  const started = await Promise.allSettled(ports.map((_, i) => start(i, version)));
  const nodes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const containerAt = (index: number) => client.container.getById(nodeAt(nodes, index).getId());
  const thaw = async (index: number) => void (await containerAt(index).unpause());
  const thawIfFrozen = (index: number) => thaw(index).catch(() => {}); // a frozen one cannot be stopped
  const stop = async () => {
    // The last of three nodes cannot shut down cleanly: it needs a quorum, and the other nodes have left.
    const timeout = nodes.length > 1 ? 2000 : 5000;
    await Promise.all(nodes.map((node, i) => thawIfFrozen(i).then(() => node.stop({ timeout }))));
    if (!keepData)
      await Promise.all(names.map((name) => client.container.dockerode.getVolume(name).remove()));
    release();
    await network?.stop();
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await stop().catch(() => {});
    throw failed.reason;
  }
  return {
    stop,
    kill: async (index) => {
      await thawIfFrozen(index);
      const container = containerAt(index);
      await container.kill();
      await container.wait();
    },
    restart: async (index, version) => {
      const container = containerAt(index);
      if (version) await fetch(version);
      await thawIfFrozen(index);
      await client.container.stop(container, { timeout: 30_000 });
      if (!version) return void (await container.start());
      await client.container.remove(container, { removeVolumes: true }); // the volume has a name, so it remains
      nodes[index] = await start(index, version);
    },
    freeze: async (index) => void (await containerAt(index).pause()),
    thaw,
  };
}

/**
 * Removes the containers when this process has ended, however it ends, and their volumes unless `keepData`. Ryuk removes
 * containers too, but only when every process that shares it has ended. The shell reads from a pipe that only this process
 * holds open.
 * @returns a function that cancels it
 */
function removeWithParent(names: string[], keepData: boolean, env: NodeJS.ProcessEnv): () => void {
  const remove = `docker rm -f -v "$@"${keepData ? '' : '; docker volume rm "$@"'}`;
  const watcher = spawn('sh', ['-c', `read -r end || { ${remove}; }`, 'sh', ...names], {
    env,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  (watcher.stdin as Socket).unref();
  return () => watcher.stdin.end('end\n');
}

/** A unique cluster id for each set of data: the image gives every cluster the same one. */
function clusterIdFor(name: string): string {
  return createHash('sha256').update(name).digest().subarray(0, 16).toString('base64url').replace(/^-/, '_');
}

/** Removes what a killed process left behind. Ryuk takes ten seconds to do that, and the user may be faster. */
async function removeOrphan(client: ContainerRuntimeClient, name: string): Promise<void> {
  const container = client.container.getById(name);
  const owner = await container.inspect().then(
    (found) => Number(found.Config.Labels[OWNER]),
    () => undefined,
  );
  if (owner === undefined) return;
  if (isAlive(owner))
    throw new Blocked(`Process ${owner} already runs a Kafka broker with this data (container ${name}).`);
  await container.remove({ force: true, v: true });
}

/**
 * The data folder holds the name, and the version that created the volume. After the folder is deleted, new volumes are
 * created.
 * @throws Blocked when this version cannot read the data in the volume
 */
async function keptVolume(dataDir: string, nodes: number, version: string): Promise<string> {
  const file = join(dataDir, `docker-volume-of-${nodes}`);
  const [known, begunWith] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (known) {
    assertReadable(dataDir, begunWith, version);
    return known;
  }
  const name = newVolume();
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, `${name}\n${version}\n`);
  return name;
}

function newVolume(): string {
  const id = newId()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
  return `rideflow-${id.slice(0, 8)}`;
}
