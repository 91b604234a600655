import { existsSync } from 'node:fs';
import { copyFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Java } from './tools.ts';

/** Small and fast to start. The image uses the same options. */
const OPTIONS = ['-Xms256m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** An archive of Kafka's classes as this Java loads them. It halves the start time of a broker. */
export const archiveOf = (java: Java) => `classes-${java.version}.jsa`;

const PROPERTIES = 'server.properties';
const LOGGING = 'log4j2.properties';
/** The broker's log in its folder. */
export const LOG = 'broker.log';
/** The storage in the folder of a node. */
export const STORAGE = 'log';

/**
 * Writes the files that the arguments below name into a folder, where java then runs. Java and Kafka only get these short
 * relative paths: commas separate their lists of files, colons separate their class path, and in a locale without UTF-8 they
 * cannot open a file with an é in its name.
 * @param home Kafka's home, with its jars
 */
export async function writeFolder(folder: string, home: string, properties: string): Promise<void> {
  const libs = join(folder, 'libs');
  await unlink(libs).catch(() => {}); // of another version
  await symlink(join(home, 'libs'), libs);
  await writeFile(join(folder, PROPERTIES), properties);
  await copyFile(join(import.meta.dirname, LOGGING), join(folder, LOGGING));
}

/** Arguments of java for a broker, in a folder that `writeFolder` has written. */
export function brokerArguments(home: string, java: Java): string[] {
  const archive = archiveOf(java);
  return [
    ...OPTIONS,
    ...(existsSync(join(home, archive)) ? [`-XX:SharedArchiveFile=libs/../${archive}`] : []),
    '-Djava.awt.headless=true',
    `-Drideflow.log=${LOG}`,
    `-Dlog4j2.configurationFile=${LOGGING}`,
    '-cp',
    'libs/*',
    'kafka.Kafka',
    PROPERTIES,
  ];
}

/** Arguments of java for Kafka's tool that formats a storage, in such a folder. */
export function formatArguments(clusterId: string): string[] {
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId, '--config', PROPERTIES];
  return [...OPTIONS, '-Dlog4j2.level=error', '-cp', 'libs/*', ...tool];
}
