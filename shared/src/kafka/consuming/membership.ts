/** A consumer as a member of its group: how it joins, and when it may start. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import { connect, metadataMaxAge, retries } from '../client/connect.ts';
import type { Consumer, ConsumerConfig } from '../client/kafkajs.ts';
import { commitAsNobody } from '../client/kafkajs-internals.ts';
import { partitionAssigners } from './assigner.ts';
import { consumerMetricsOf } from './metrics.ts';

/** How often a member tells its group that it is alive, in milliseconds. */
export const heartbeatInterval = 1000;

/** What all members of a group have in common; for `consumer` of kafkajs. */
export const memberSettings = {
  sessionTimeout: 6000,
  heartbeatInterval,
  maxWaitTimeInMs: 500, // an idle process wakes up as often; a rebalance and a stop wait as long
  allowAutoTopicCreation: false,
  metadataMaxAge, // hears of new partitions, and joins its group again for them
  partitionAssigners,
  retry: retries.consume,
} satisfies Partial<ConsumerConfig>;

/**
 * Follows the life of a consumer; resolves at its first assignment.
 * @param assigned called with each new assignment, synchronously, before anything of it is fetched
 */
export function followMembership(
  service: Service<ReaderName>,
  consumer: Consumer,
  topic: string,
  assigned: (partitions: number[], memberId: string) => void,
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
      assigned(partitions, payload.memberId);
      member = true;
      service.feed.owns(consumer, partitions);
      log.info({ topic, partitions }, 'joined the group');
      resolve();
    });
  });
}

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

/**
 * Commits the start of the log for partitions of which the group has no offset, so that it is noticed when messages expire before the
 * group reads its first one. Nothing happens where another process of the group runs already.
 */
export async function beginAtTheStart(service: Service<ReaderName>): Promise<void> {
  const { name: groupId } = service;
  const topic = topology[groupId].reads;
  const admin = connect(service, 'admin').admin();
  try {
    await admin.connect();
    const [starts, [committed]] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId, topics: [topic] }),
    ]);
    const without = new Set(
      committed?.partitions.flatMap(({ partition, offset }) => (Number(offset) < 0 ? partition : [])),
    );
    const partitions = starts
      .filter(({ partition }) => without.has(partition))
      .map(({ partition, low }) => ({ partition, offset: low }));
    if (partitions.length > 0) await commitAsNobody(connect(service, 'admin'), groupId, topic, partitions);
  } catch (error) {
    service.log.debug({ err: error }, 'the start of the log was not committed for this group');
  } finally {
    await admin.disconnect();
  }
}
