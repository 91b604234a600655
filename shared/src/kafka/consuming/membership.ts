/** A consumer as a member of its group: how it joins, and when it can start. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import { connect, metadataMaxAge, retries } from '../client/connect.ts';
import type { Admin, Consumer, ConsumerConfig } from '../client/kafkajs.ts';
import { commitAsNobody } from '../client/kafkajs-internals.ts';
import { joinedAs, type Member } from '../client/transactions-v2/membership.ts';
import { partitionAssigners } from './assigner.ts';
import { consumerMetricsOf } from './metrics.ts';

/** The heartbeat interval of a member, in milliseconds. */
export const heartbeatInterval = 1000;

/** The options that all members of a group share; for `consumer` of kafkajs. */
export const memberSettings = {
  sessionTimeout: 6000,
  heartbeatInterval,
  maxWaitTimeInMs: 500, // also how often an idle process wakes up, and how long a rebalance or a stop may wait
  allowAutoTopicCreation: false,
  metadataMaxAge, // notices new partitions and rejoins its group for them
  partitionAssigners,
  retry: retries.consume,
} satisfies Partial<ConsumerConfig>;

/**
 * Follows the events of a consumer. Resolves at its first partition assignment.
 * @param assigned called synchronously for each new assignment, before anything of it is fetched
 */
export function followMembership(
  service: Service<ReaderName>,
  consumer: Consumer,
  topic: string,
  assigned: (partitions: number[], member: Member) => void,
): Promise<void> {
  const { log } = service;
  const metrics = consumerMetricsOf(service);
  let member = false;
  service.readyWhen(() => (member ? null : `joining the consumer group ${service.name}`));
  consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
    member = false;
    service.feed.owns(consumer, []);
    metrics.crashes.inc({ topic });
    // A dead consumer must not look healthy. The supervisor of this process restarts it.
    if (!restart) service.fail('the Kafka consumer stopped permanently', error);
  });
  return new Promise((resolve) => {
    consumer.on('consumer.group_join', ({ payload }) => {
      const partitions = payload.memberAssignment[topic] ?? [];
      assigned(partitions, joinedAs(payload.memberId));
      metrics.joins.inc({ topic });
      member = true;
      service.feed.owns(consumer, partitions);
      log.info({ topic, partitions }, 'joined the group');
      resolve();
    });
  });
}

/** What Kafka says of the topic that a group reads, by partition. */
export interface Found {
  /** The start (`low`) and the end (`high`) of each log. */
  ends: Awaited<ReturnType<Admin['fetchTopicOffsets']>>;
  /** The committed offsets; -1 where there is none. */
  committed: Awaited<ReturnType<Admin['fetchOffsets']>>[number]['partitions'];
}

/**
 * Waits until Kafka can serve the group: on a new cluster, the coordinator is still loading, and the leader of a partition may
 * not know yet that it is the leader. A consumer that joins meanwhile would crash and restart.
 */
export async function waitUntilServed(service: Service<ReaderName>): Promise<Found> {
  const topic = topology[service.name].reads;
  const admin = connect(service, 'admin').admin();
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.connect();
      const ends = await admin.fetchTopicOffsets(topic);
      const [group] = await admin.fetchOffsets({ groupId: service.name, topics: [topic] });
      await admin.disconnect();
      return { ends, committed: group?.partitions ?? [] };
    } catch (error) {
      if (attempt % 20 === 10)
        service.log.warn({ reason: (error as Error).message }, 'waiting until Kafka serves the group');
      await sleep(Math.min(50 * attempt, 1000));
    }
  }
}

/**
 * Commits the start of the log for partitions without a committed offset, so it is noticed if messages expire before the group
 * reads its first one. Does nothing if another process of the group already runs.
 */
export async function beginAtTheStart(
  service: Service<ReaderName>,
  { ends, committed }: Found,
): Promise<void> {
  const { name: groupId } = service;
  const without = new Set(
    committed.flatMap(({ partition, offset }) => (Number(offset) < 0 ? partition : [])),
  );
  const partitions = ends
    .filter(({ partition }) => without.has(partition))
    .map(({ partition, low }) => ({ partition, offset: low }));
  if (partitions.length === 0) return;
  await commitAsNobody(connect(service, 'admin'), groupId, topology[groupId].reads, partitions).catch(
    (error) => service.log.debug({ err: error }, 'could not commit the start of the log for this group'),
  );
}
