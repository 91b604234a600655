/**
 * Jest runs this before all tests, in its main process. That process ends with the run, however the run ends, and so do its
 * brokers.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clean } from './clean.ts';
import { Pool } from './pool.ts';

let count = 0;

/** Starts no broker yet, because not every run needs one. */
export default async function start(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rideflow-pool-'));
  const pool = new Pool(async () => {
    const { startBroker } = await import('../../../infra/broker/broker.ts');
    const dataDir = join(folder, String(++count));
    return startBroker({ dataDir, env: { ...process.env, KAFKA_BROKERS: undefined } });
  }, clean);
  process.env.TEST_POOL_PORT = String(await pool.listen());
  Object.assign(globalThis, {
    stopTestPool: async () => {
      await pool.stop();
      await rm(folder, { recursive: true, force: true });
    },
  });
}
