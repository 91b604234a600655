import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { isAlive } from './guard.ts';
import { prepare } from './prepare.ts';
import { KAFKA_VERSION } from './settings.ts';
import type { Java } from './tools.ts';

/** Kafka's jars and a formatted storage to copy from: fetched once, used by every broker of this project. */
export const KAFKA_HOME = join(import.meta.dirname, '..', '..', '.rideflow', `kafka-${KAFKA_VERSION}`);

/** True when the jars are there, so that a broker can start without the network. */
export function kafkaIsFetched(): boolean {
  return existsSync(KAFKA_HOME);
}

/**
 * Makes KAFKA_HOME if it is not there. Everything is prepared in a folder of its own and then renamed, so that an
 * interrupted download leaves nothing half-done and two processes at once do not disturb each other.
 * @throws Error with the last lines of Maven.
 */
export async function fetchKafka(
  maven: string,
  java: Java,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  if (kafkaIsFetched()) return;
  await removeLeftovers();
  const partial = `${KAFKA_HOME}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    onProgress(`Fetching Apache Kafka ${KAFKA_VERSION} from Maven Central: 46 files, 43 MB, only this once.`);
    await copyJars(maven, join(partial, 'libs'), env, onProgress);
    onProgress('Preparing it for quick starts, which takes about 10 s.');
    await prepare(partial, java, env);
    await rename(partial, KAFKA_HOME).catch((error) => {
      if (!kafkaIsFetched()) throw error; // otherwise another process was quicker, and its copy is as good
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function copyJars(
  maven: string,
  into: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
) {
  const pom = join(import.meta.dirname, 'pom.xml');
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${into}`, '-DincludeScope=runtime'];
  const child = spawn(maven, ['-B', '-f', pom, `-Dkafka.version=${KAFKA_VERSION}`, ...goal], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const errors: string[] = [];
  let jars = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^\[ERROR\]|^\[FATAL\]/.test(line)) errors.push(line);
    if (/Downloaded from .*\.jar/.test(line) && ++jars % 15 === 0) onProgress(`${jars} files fetched.`);
  }
  if ((await ended) === 0) return;
  throw new Error(
    `Maven could not fetch Apache Kafka ${KAFKA_VERSION} (${maven} -f ${pom} ${goal[0]}):\n` +
      `${errors.slice(0, 3).join('\n')}\n` +
      'Check that this machine reaches Maven Central, or a mirror of it that ~/.m2/settings.xml names.',
  );
}

/** Folders of processes that were killed while they fetched. */
async function removeLeftovers() {
  const parent = dirname(KAFKA_HOME);
  for (const name of await readdir(parent).catch(() => [])) {
    const owner = /\.partial-(\d+)$/.exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) await rm(join(parent, name), { recursive: true, force: true });
  }
}
