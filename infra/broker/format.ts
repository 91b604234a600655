import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file of a formatted storage that holds the feature levels; it is the same for every broker of one version. */
export const FEATURES = 'bootstrap.checkpoint';

/** Formats the storage of one node, unless it is formatted already: what Kafka's tool does, without another Java process. */
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
