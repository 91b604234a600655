import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { ensureTopics } from '@rideflow/shared/kafka/ensure-topics.ts';
import type { ServiceName } from '@rideflow/shared/topology.ts';
import { type Broker, startBroker } from '../../infra/broker/broker.ts';
import { Log } from './log.ts';
import { takeBroker } from './pool/borrow.ts';
import { testService } from './service.ts';

/** A broker for one test file while it runs, even if KAFKA_BROKERS names a cluster, because tests kill and fill it. */
export interface TestBroker extends Broker {
  /** Reads the topics, which all exist, from their beginning. */
  log: Log;
}

/**
 * Provides a broker for the tests of a file. Only use it inside tests.
 * @param bare a broker without topics and without a log
 * @param nodes number of brokers, which are then new
 */
export function useBroker({ bare = false, nodes }: { bare?: boolean; nodes?: 1 | 3 } = {}): TestBroker {
  const it = {} as TestBroker;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rideflow-'));
    const dataDir = join(folder, 'kafka');
    const env = { ...process.env, KAFKA_BROKERS: undefined };
    Object.assign(it, nodes ? await startBroker({ dataDir, env, nodes }) : await takeBroker(dataDir));
    if (bare) return;
    for (const name of ['transaction', 'email', 'analytics'] satisfies ServiceName[])
      await ensureTopics(testService(name, it.brokers));
    it.log = new Log(it.brokers);
    await it.log.start();
  });
  afterAll(async () => {
    await it.log?.stop();
    await it.stop?.();
    await rm(folder, { recursive: true, force: true });
  });
  return it;
}
