/** The consumer lag of a group, as a metric. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import { Once } from '../../once.ts';
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import type { Admin } from '../client/kafkajs.ts';

/** The number of messages between a group's committed offset and the end, read from Kafka at each scrape. */
export function reportLag(service: Service<ReaderName>, admin: Admin): void {
  const topic = topology[service.name].reads;
  const connection = new Once(() => admin.connect());
  const ask = async () => {
    await connection.get();
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId: service.name, topics: [topic] });
    return {
      ends,
      committed: new Map(committed?.partitions.map(({ partition, offset }) => [partition, offset])),
    };
  };
  new Gauge({
    name: 'rideflow_consumer_lag',
    help: 'Consumer lag: messages after the committed offset. Every process reports the lag of the whole group, so use max by (topic, partition), not sum',
    labelNames: ['topic', 'partition'],
    registers: [service.metrics],
    async collect() {
      const answer = await Promise.race([ask(), sleep(1000, null, { ref: false })]).catch(() => null);
      if (!answer) return this.reset(); // an unknown lag is not zero
      for (const { partition, high, low } of answer.ends) {
        const offset = BigInt(answer.committed.get(partition) ?? -1);
        this.set({ topic, partition }, Number(BigInt(high) - (offset < 0n ? BigInt(low) : offset)));
      }
    },
  });
  // Nothing is written, so there is nothing to wait for.
  service.onStop('the lag report', () => void (connection.take() && admin.disconnect().catch(() => {})));
}
