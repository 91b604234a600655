/** Systems for tests, before their processes run. */
import { freePorts } from '../../infra/broker/ports.ts';
import { System, type SystemOptions } from '../../infra/system/system.ts';

/**
 * A system of which nothing runs yet, on free ports. It keeps no logs, and has no file for analytics.
 * @param options what is different
 */
export async function createSystem(brokers: string[], options: Partial<SystemOptions> = {}): Promise<System> {
  const [rides = 0, transaction = 0, email = 0, analytics = 0, flow = 0, mailbox = 0, smtp = 0] =
    await freePorts(7);
  return new System({
    brokers,
    ports: { rides, transaction, email, analytics, flow, mailbox, smtp },
    database: '',
    replicationFactor: 1,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn' },
    onLine: () => {},
    onEvent: () => {},
    ...options,
  });
}

/** Starts everything, or stops what has started. @throws Error with the reason and the newest of the lines */
export async function startOrStop(
  start: () => Promise<void>,
  stop: () => Promise<void>,
  lines: string[],
): Promise<void> {
  try {
    await start();
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${lines.slice(-20).join('\n')}`);
  }
}
