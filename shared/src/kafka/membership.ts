/** A consumer as a member of its group: when it joins, what it is given, and how it stays in. */
import type { Consumer, ConsumerConfig, EachBatchPayload } from 'kafkajs';
import type { Service } from '../service.ts';
import type { ReaderName } from '../topology.ts';
import { retries } from './client.ts';
import { type Delivery, isRebalance } from './delivery.ts';
import { consumerMetricsOf } from './group.ts';

/** How often a member tells its group that it is alive, in milliseconds. */
const heartbeatInterval = 1000;

/** What all members of a group have in common; for `consumer` of kafkajs. */
export const memberSettings = {
  sessionTimeout: 6000,
  heartbeatInterval,
  maxWaitTimeInMs: 500, // an idle process wakes up as often; a rebalance and a stop wait as long
  allowAutoTopicCreation: false,
  retry: retries.consume,
} satisfies Partial<ConsumerConfig>;

/** Follows the life of a consumer; resolves at its first assignment. */
export function watch(
  service: Service<ReaderName>,
  consumer: Consumer,
  topic: string,
  delivery: Delivery,
): Promise<void> {
  const { log } = service;
  const metrics = consumerMetricsOf(service);
  let member = false;
  service.readyWhen(() => (member ? null : `joining the consumer group ${service.name}`));
  consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
    member = false;
    service.feed.owns(consumer, []);
    metrics.crashes.inc({ topic });
    // A dead consumer must not look healthy: whoever supervises this process starts it anew.
    if (!restart) service.fail('the Kafka consumer stopped for good', error);
  });
  return new Promise((resolve) => {
    consumer.on('consumer.group_join', ({ payload }) => {
      const partitions = payload.memberAssignment[topic] ?? [];
      delivery.assigned(consumer, topic, partitions);
      member = true;
      service.feed.owns(consumer, partitions);
      log.info({ topic, partitions }, 'joined the group');
      resolve();
    });
  });
}

/** Heartbeats while a batch is being handled, since the fetch loop sends none meanwhile. `error`: this member lost its place. */
export function keepAlive({ heartbeat }: EachBatchPayload) {
  const state = { error: undefined as unknown, stop: () => clearInterval(timer) };
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => {
      if (isRebalance(error)) state.error = error;
    });
  }, heartbeatInterval);
  return state;
}
