import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asProperties, serverSettings } from './settings.ts';
import { type Java, run } from './tools.ts';

/** The file of a formatted storage that holds the feature levels; it is the same for every broker of one version. */
const FEATURES = 'bootstrap.checkpoint';

/**
 * Lets Kafka's own tool format one storage and keeps the feature levels it wrote, in `home`. Formatting from this copy
 * spares every new broker the start of another Java process.
 * @throws Error with the tool's output.
 */
export async function formatTemplate(home: string, java: Java, env: NodeJS.ProcessEnv): Promise<void> {
  const scratch = join(home, 'scratch');
  const logDir = join(scratch, 'data');
  const settings = serverSettings({
    id: 1,
    listeners: { HOST: '127.0.0.1:9092', CONTROLLER: '127.0.0.1:9093' },
    advertised: { HOST: '127.0.0.1:9092' },
    interBroker: 'HOST',
    voters: ['127.0.0.1:9093'],
    logDir,
  });
  await mkdir(scratch, { recursive: true });
  const file = join(scratch, 'server.properties');
  await writeFile(file, asProperties(settings));
  const options = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=error'];
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', newId(), '--config', file];
  const { code, output } = await run(
    java.command,
    [...options, '-cp', join(home, 'libs', '*'), ...tool],
    env,
    120_000,
  );
  if (code !== 0)
    throw new Error(`Kafka's storage tool failed (${java.command}, Java ${java.version}):\n${output}`);
  await copyFile(join(logDir, FEATURES), join(home, FEATURES));
  await rm(scratch, { recursive: true });
}

/** Formats the storage of one node, unless it is formatted already. */
export async function format(home: string, logDir: string, nodeId: number, clusterId: string): Promise<void> {
  if (await clusterIdOf(logDir)) return;
  await mkdir(logDir, { recursive: true });
  await copyFile(join(home, FEATURES), join(logDir, FEATURES));
  // Last, because it is what marks the storage as formatted.
  await writeFile(
    join(logDir, 'meta.properties'),
    `version=1\ncluster.id=${clusterId}\nnode.id=${nodeId}\ndirectory.id=${newId()}\n`,
  );
}

/** The cluster that a formatted storage belongs to; undefined when it is not formatted. */
export async function clusterIdOf(logDir: string): Promise<string | undefined> {
  const meta = await readFile(join(logDir, 'meta.properties'), 'utf8').catch(() => '');
  return /^cluster\.id=(\S+)$/m.exec(meta)?.[1];
}

/** A Kafka id: 16 random bytes in URL-safe Base64, not beginning with a dash, which tools take for an option. */
export function newId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
