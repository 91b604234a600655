import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { FORMATTED } from './format.ts';
import { isAlive } from './guard.ts';
import { prepare } from './prepare.ts';
import { type Java, javaEnvironment } from './tools.ts';

/** Kafka's jars and a formatted storage to copy. Fetched once and used by every broker of this version. */
export const kafkaHome = (version: string) =>
  join(import.meta.dirname, '..', '..', '.rideflow', `kafka-${version}`);

/** True when the jars are on this machine, so a broker can start offline. */
export function kafkaIsFetched(version: string): boolean {
  return existsSync(join(kafkaHome(version), FORMATTED));
}

/**
 * Creates the home of a version if it does not exist. Everything is prepared in a separate folder that is renamed at the end,
 * so an interrupted download leaves nothing incomplete and two processes do not disturb each other.
 * @throws Error with Maven's own message
 */
export async function fetchKafka(
  version: string,
  maven: string,
  java: Java,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  if (await othersFetched(version, onProgress)) return;
  const home = kafkaHome(version);
  const partial = `${home}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    onProgress(`Fetching Apache Kafka ${version} from Maven Central (43 MB, only the first time)`);
    await copyJars(version, maven, partial, env, onProgress);
    onProgress('Preparing Kafka for fast starts (about 10 s, only the first time)');
    await prepare(partial, java, env);
    await rename(partial, home).catch(async () => {
      if (kafkaIsFetched(version)) return; // another process was faster, and its copy is equivalent
      await rm(home, { recursive: true, force: true }); // no formatted storage: an older rideflow created it
      await rename(partial, home);
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** With the full name and version, Maven does not look for the newest one. */
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

async function copyJars(
  version: string,
  maven: string,
  into: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
) {
  // Short paths from the folder itself, as for java: see jvm.ts.
  await copyFile(join(import.meta.dirname, 'pom.xml'), join(into, 'pom.xml'));
  const goal = [COPY, '-DoutputDirectory=libs', '-DincludeScope=runtime'];
  const child = spawn(
    maven,
    ['-B', '-Dstyle.color=never', '-f', 'pom.xml', `-Dkafka.version=${version}`, ...goal],
    {
      cwd: into,
      env: javaEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const errors: string[] = [];
  child.stderr.resume();
  let jars = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^\[ERROR\]|^\[FATAL\]/.test(line)) errors.push(line);
    if (/Downloaded from .*\.jar/.test(line) && ++jars % 15 === 0) onProgress(`${jars} files fetched.`);
  }
  if ((await ended) === 0) return;
  throw new Error(
    `Maven could not fetch Apache Kafka ${version}.\n${errors[0] ?? `${maven} ended with an error.`}\n` +
      'Check that this machine reaches Maven Central, or a mirror of it that ~/.m2/settings.xml names.',
  );
}

/** True when Kafka is on this machine. Waits for another process that is fetching it, and cleans up after killed ones. */
async function othersFetched(version: string, onProgress: (line: string) => void): Promise<boolean> {
  const parent = dirname(kafkaHome(version));
  for (let waits = 0; ; waits++) {
    if (kafkaIsFetched(version)) return true;
    let busy = false;
    for (const name of await readdir(parent).catch(() => [])) {
      const owner = Number(/\.partial-(\d+)$/.exec(name)?.[1]);
      if (!owner) continue;
      const folder = join(parent, name);
      const age = Date.now() - (await stat(folder).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
      if (!isAlive(owner)) await rm(folder, { recursive: true, force: true });
      else if (age < 600_000) busy = true; // an older folder may belong to a process whose id was reused
    }
    if (!busy) return false;
    if (waits === 0) onProgress('Waiting for another process that is fetching Kafka');
    await delay(200);
  }
}
