import { cp, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FORMATTED, newId } from './format.ts';
import { endProcess, hasEnded, spawnGuarded } from './guard.ts';
import { archiveOf, brokerArguments, formatArguments, STORAGE, writeFolder } from './jvm.ts';
import { answers, freePorts } from './ports.ts';
import { asProperties, serverSettings } from './settings.ts';
import { type Java, javaEnvironment, run } from './tools.ts';

/**
 * Prepares new jars once, so that every start is fast. Kafka's own tool formats a storage that is copied later, and a broker
 * runs for a moment to archive the classes that it loads.
 * @throws Error with the output of Kafka's tool
 */
export async function prepare(home: string, java: Java, env: NodeJS.ProcessEnv): Promise<void> {
  const scratch = join(home, 'scratch');
  const [port = 0, controller = 0] = await freePorts(2);
  const settings = serverSettings({
    id: 1,
    listeners: { HOST: `127.0.0.1:${port}`, CONTROLLER: `127.0.0.1:${controller}` },
    advertised: { HOST: `127.0.0.1:${port}` },
    interBroker: 'HOST',
    voters: [`127.0.0.1:${controller}`],
    logDir: STORAGE,
  });
  await mkdir(scratch, { recursive: true });
  await writeFolder(scratch, home, asProperties(settings));
  const tool = await run(java.command, formatArguments(newId()), javaEnvironment(env), 120_000, scratch);
  if (tool.code !== 0) {
    throw new Error(`Kafka's storage tool failed (${java.command}, Java ${java.version}):\n${tool.output}`);
  }
  await cp(join(scratch, STORAGE), join(home, FORMATTED), { recursive: true });
  await archiveClasses(home, java, env, { port, scratch });
  await rm(scratch, { recursive: true, force: true });
}

/** A broker also starts without the archive, only slower, so a failure is ignored. */
async function archiveClasses(
  home: string,
  java: Java,
  env: NodeJS.ProcessEnv,
  { port, scratch }: { port: number; scratch: string },
): Promise<void> {
  const archive = 'classes.partial';
  const out = await open(join(scratch, 'java.log'), 'w');
  const args = [`-XX:ArchiveClassesAtExit=${archive}`, ...brokerArguments(home, java)];
  const child = spawnGuarded(java.command, args, { cwd: scratch, env: javaEnvironment(env), out: out.fd });
  while (!hasEnded(child) && !(await answers('127.0.0.1', port))) await delay(50);
  await endProcess(child, 60_000);
  await out.close();
  if (child.signalCode !== 'SIGKILL')
    await rename(join(scratch, archive), join(home, archiveOf(java))).catch(() => {});
}
