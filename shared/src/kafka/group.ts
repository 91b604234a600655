/** A consumer group seen from outside: its coordinator, its lag, its metrics. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { Gauge } from 'prom-client';
import { type ConsumerMetrics, consumerMetrics } from '../metrics.ts';
import type { Service } from '../service.ts';
import { type ReaderName, topology } from '../topology.ts';
import { connect } from './client.ts';

/** On a brand-new cluster the coordinator still loads; a consumer that joins meanwhile would crash and start anew. */
export async function waitForCoordinator(service: Service<ReaderName>): Promise<void> {
  const admin = connect(service, 'admin').admin();
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.connect();
      await admin.fetchOffsets({ groupId: service.name, topics: [topology[service.name].reads] });
      return await admin.disconnect();
    } catch (error) {
      if (attempt % 20 === 10)
        service.log.warn({ reason: (error as Error).message }, 'waiting for the group coordinator');
      await sleep(Math.min(50 * attempt, 1000));
    }
  }
}

/** Messages between a group's committed offset and the end, asked of Kafka at each scrape. */
export function reportLag(service: Service<ReaderName>, admin: Admin): void {
  const topic = topology[service.name].reads;
  let connected: Promise<void> | null = null;
  const ask = async () => {
    connected ??= admin.connect();
    await connected;
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId: service.name, topics: [topic] });
    return {
      ends,
      committed: new Map(committed?.partitions.map(({ partition, offset }) => [partition, offset])),
    };
  };
  new Gauge({
    name: 'rideflow_consumer_lag',
    help: 'Messages that the group has not finished yet',
    labelNames: ['topic', 'partition'],
    registers: [service.metrics],
    async collect() {
      const answer = await Promise.race([ask(), sleep(1000, null, { ref: false })]).catch(() => null);
      if (!answer) return this.reset(); // unknown is not zero
      for (const { partition, high, low } of answer.ends) {
        const offset = BigInt(answer.committed.get(partition) ?? -1);
        this.set({ topic, partition }, Number(BigInt(high) - (offset < 0n ? BigInt(low) : offset)));
      }
    },
  });
  service.onStop('the lag report', () => connected && admin.disconnect());
}

const perService = new WeakMap<object, ConsumerMetrics>();

/** The metrics of a service's consumers, made once. */
export function consumerMetricsOf(service: Service<ReaderName>): ConsumerMetrics {
  const existing = perService.get(service) ?? consumerMetrics(service.metrics);
  perService.set(service, existing);
  return existing;
}
