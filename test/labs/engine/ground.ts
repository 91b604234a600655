/** The broker under a lab: books rides, and keeps the consumer groups in the state that a check expects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { clusterOf, commitAsNobody } from '@rideflow/shared/kafka/client/kafkajs-internals.ts';
import { toRecord } from '@rideflow/shared/kafka/writing/records.ts';
import type { RideDetails } from '@rideflow/shared/messages.ts';
import { rideDetails } from '@rideflow/shared/topics.ts';
import { allTopics } from '@rideflow/shared/topology.ts';
import { TopicLog } from '../../../infra/check/log.ts';
import type { Booking } from './scenario.ts';

interface Coordinator {
  describeGroups(of: { groupIds: string[] }): Promise<{ groups: { members: { memberId: string }[] }[] }>;
  leaveGroup(of: { groupId: string; memberId: string }): Promise<unknown>;
}

const partitions = 3;

/** Retries while the broker loads its groups, for ten seconds at most. */
async function whenLoaded(run: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === 200) throw error;
      await sleep(50);
    }
  }
}

export class Ground {
  readonly brokers: string[];
  readonly log: TopicLog;
  readonly #kafka: Kafka;
  readonly #admin;
  readonly #producer;
  readonly #cluster;

  constructor(brokers: string[]) {
    this.brokers = brokers;
    this.log = new TopicLog(brokers);
    this.#kafka = new Kafka({
      clientId: 'rideflow-lab',
      brokers,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 10 },
    });
    this.#admin = this.#kafka.admin();
    this.#producer = this.#kafka.producer({ allowAutoTopicCreation: false });
    this.#cluster = clusterOf(this.#kafka, 'committed');
  }

  async open(): Promise<void> {
    await Promise.all([this.#admin.connect(), this.#producer.connect(), this.#cluster.connect()]);
    await this.#admin.createTopics({
      topics: allTopics().map((topic) => ({ topic, numPartitions: partitions, replicationFactor: 1 })),
      waitForLeaders: true,
    });
    await this.log.open(allTopics(), []);
    await whenLoaded(() => this.expel('loyalty')); // a new broker first has to create the topic of the offsets
  }

  async close(): Promise<void> {
    await Promise.allSettled([
      this.#admin.disconnect(),
      this.#producer.disconnect(),
      this.#cluster.disconnect(),
      this.log.close(),
    ]);
  }

  /** Writes rides in the order given. @param idOf the id of a booking that has none */
  async book(rides: Booking[], idOf: (booking: Booking) => string): Promise<void> {
    if (rides.length === 0) return;
    const messages = rides.map((booking) => {
      const { customer, partition, foreign, value } = booking;
      const ride: RideDetails = {
        id: booking.id ?? idOf(booking),
        customer_id: customer,
        customer_email: `${customer}@example.com`,
        location: { lat: 12.97, long: 77.59 },
        requested_at: new Date().toISOString(),
      };
      const record = toRecord(rideDetails, partition, ride, { source: 'rides', id: idOf(booking) });
      const { topic: _, headers, ...message } = record;
      return {
        ...message,
        headers: foreign
          ? {}
          : Object.fromEntries(Object.entries(headers).filter(([, text]) => text !== undefined)),
        value: value ?? message.value,
      };
    });
    await this.#producer.send({ topic: rideDetails.name, acks: -1, messages: messages as never });
  }

  /** Tells Kafka that the members of a group are gone, as their session timeouts would, some seconds later. */
  async expel(group: string): Promise<void> {
    const coordinator = (await this.#cluster.findGroupCoordinator({
      groupId: group,
    })) as unknown as Coordinator;
    const { groups } = await coordinator.describeGroups({ groupIds: [group] });
    for (const { memberId } of groups[0]?.members ?? [])
      await coordinator.leaveGroup({ groupId: group, memberId }).catch(() => {}); // it may have left by itself
  }

  /** Removes the members of a group, and lets it continue after everything that is on the topic. */
  async startAtEnd(group: string, topic: string): Promise<void> {
    await this.expel(group);
    const ends = await this.log.ends(topic);
    await commitAsNobody(
      this.#kafka,
      group,
      topic,
      [...ends].map(([partition, offset]) => ({ partition, offset: String(offset) })),
    );
  }

  /** Ends the open transactions of these ids, as the transaction timeout would, some seconds later. */
  async endTransactions(ids: string[]): Promise<void> {
    for (const transactionalId of new Set(ids)) {
      const producer = this.#kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      await (await producer.transaction()).abort();
      await producer.disconnect();
    }
  }
}
