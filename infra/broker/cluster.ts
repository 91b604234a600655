import { setTimeout as delay } from 'node:timers/promises';
import { readKafkaConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import { createLogger } from '@rideflow/shared/log.ts';

/** The nodes that were started, in Docker or as local processes. Indexes count from 0. */
export interface Cluster {
  stop(): Promise<void>;
  kill(index: number): Promise<void>;
  /**
   * Stops the broker cleanly if it runs, and starts it. Resolves when it has been started; it may not answer yet.
   * @param version the new version, if it changes
   */
  restart(index: number, version?: string): Promise<void>;
  freeze(index: number): Promise<void>;
  thaw(index: number): Promise<void>;
}

/** @throws RangeError when there is no such node */
export function nodeAt<T>(nodes: T[], index: number): T {
  const node = nodes[index];
  if (!node) throw new RangeError(`There is no broker ${index}: there are ${nodes.length}, counted from 0.`);
  return node;
}

/**
 * Resolves when the broker at `address` answers and knows `nodes` brokers.
 * @throws Error with the last failure when that takes longer than `patienceMs`
 */
export async function answersWith(nodes: number, address: string, patienceMs = 60_000): Promise<void> {
  const config = readKafkaConfig({ KAFKA_BROKERS: address });
  const log = createLogger('broker', 'silent');
  const giveUp = Date.now() + patienceMs;
  for (;;) {
    const admin = connect({ name: 'broker', config, log }, 'admin').admin();
    let problem: string;
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      if (brokers.length >= nodes) return;
      problem = `it knows ${brokers.length} brokers instead of ${nodes}`;
    } catch (error) {
      problem = (error as Error).message;
    } finally {
      await admin.disconnect().catch(() => {});
    }
    if (Date.now() > giveUp) {
      throw new Error(
        `The Kafka broker at ${address} is not ready after ${patienceMs / 1000} s: ${problem}.`,
      );
    }
    await delay(100);
  }
}
