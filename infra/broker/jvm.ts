import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Java } from './tools.ts';

/** Small and quick to start: as the image is run, too. */
const OPTIONS = ['-Xms256m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Kafka's classes as this Java has loaded them once: halves the time that a broker needs to start. */
export const archiveOf = (java: Java) => `classes-${java.version}.jsa`;

/**
 * Arguments of java for a broker. To be run in the folder `home`: the class path is relative, so that the archive of
 * classes stays valid when the folder is moved.
 */
export function brokerArguments(home: string, java: Java, log: string, properties: string): string[] {
  const archive = archiveOf(java);
  return [
    ...OPTIONS,
    ...(existsSync(join(home, archive)) ? [`-XX:SharedArchiveFile=${archive}`] : []),
    '-Djava.awt.headless=true',
    `-Drideflow.log=${log}`,
    `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`,
    '-cp',
    'libs/*',
    'kafka.Kafka',
    properties,
  ];
}

/** Arguments of java for Kafka's tool that formats a storage. */
export function formatArguments(properties: string, clusterId: string): string[] {
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId, '--config', properties];
  return [...OPTIONS, '-Dlog4j2.level=error', '-cp', 'libs/*', ...tool];
}
