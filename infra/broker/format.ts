import { randomBytes } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { assertReadable } from './version.ts';

/** The folder in Kafka's home with the storage that Kafka's own tool has formatted. */
export const FORMATTED = 'formatted';
/** The one file of a formatted storage that differs between the nodes of one version. */
const META = 'meta.properties';

/**
 * Formats the storage of one node, unless it is already formatted. Does what Kafka's tool does, without a second Java process.
 * @throws Blocked when the storage is formatted and this version cannot read it
 */
export async function format(node: {
  /** Kafka's home. */
  home: string;
  version: string;
  /** The node's folder. The storage is its subfolder `log`. */
  dir: string;
  id: number;
  clusterId: string;
}): Promise<void> {
  const { home, version, dir, id, clusterId } = node;
  const logDir = join(dir, 'log');
  const begun = join(dir, 'begun-with-kafka');
  if (await clusterIdOf(logDir)) {
    return assertReadable(dirname(dir), await readFile(begun, 'utf8').catch(() => undefined), version);
  }
  await cp(join(home, FORMATTED), logDir, { recursive: true, filter: (path) => basename(path) !== META });
  await writeFile(begun, version);
  // Last, because it is what marks the storage as formatted.
  await writeFile(
    join(logDir, META),
    `version=1\ncluster.id=${clusterId}\nnode.id=${id}\ndirectory.id=${newId()}\n`,
  );
}

/** The cluster that a formatted storage belongs to; undefined when it is not formatted. */
export async function clusterIdOf(logDir: string): Promise<string | undefined> {
  const meta = await readFile(join(logDir, META), 'utf8').catch(() => '');
  return /^cluster\.id=(\S+)$/m.exec(meta)?.[1];
}

/** A Kafka id: 16 random bytes in URL-safe Base64. It never starts with a dash, because tools would take that for an option. */
export function newId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
