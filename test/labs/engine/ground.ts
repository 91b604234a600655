/** The broker under a lab: books rides, and keeps the consumer groups in the state that a check expects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { clusterOf, commitAsNobody } from '@rideflow/shared/kafka/client/kafkajs-internals.ts';
import { typedRow } from '@rideflow/shared/kafka/consuming/typed-row.ts';
import { toRecord } from '@rideflow/shared/kafka/writing/records.ts';
import type { RideDetails } from '@rideflow/shared/messages.ts';
import type { Received } from '@rideflow/shared/reading.ts';
import { rideDetails } from '@rideflow/shared/topics.ts';
import { allTopics, deadLetterTopic } from '@rideflow/shared/topology.ts';
import type { KafkaMessage, Message } from 'kafkajs';
import { TopicLog } from '../../../infra/check/log.ts';
import { decide } from '../../../services/transaction/src/decide.ts';
import type { Place, Ride } from '../kit.ts';
import { decideRide, messageOf, park } from './decisions.ts';
import type { Booking } from './scenario.ts';

interface Coordinator {
  describeGroups(of: { groupIds: string[] }): Promise<{ groups: { members: { memberId: string }[] }[] }>;
  leaveGroup(of: { groupId: string; memberId: string }): Promise<unknown>;
}

const partitions = 3;
const row = typedRow('transaction');

/** The ride of a booking, as its customer requests it. */
export const rideOf = (booking: Booking, idOf: (booking: Booking) => string): Ride => ({
  id: booking.id ?? idOf(booking),
  customer_id: booking.customer,
  customer_email: `${booking.customer}@example.com`,
  location: { lat: 12.97, long: 77.59 },
  requested_at: new Date().toISOString(),
});

/** Retries, for ten seconds at most: a broker loads its groups or a new topic first, and a payment can be flaky. */
export async function whenLoaded<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === 200) throw error;
      await sleep(50);
    }
  }
}

/** A decision about a ride, or a dead letter. @throws Error while its payment fails */
function decided(record: KafkaMessage, place: Place): { topic: string; message: Message } {
  try {
    return { topic: 'ride_confirmed', message: decideRide(record, place) };
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'Unprocessable') throw error;
    return { topic: deadLetterTopic('transaction'), message: park(record, place, message) };
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
    const topics = allTopics().map((topic) => ({ topic, numPartitions: partitions, replicationFactor: 1 }));
    // A new broker answers before it counts itself as one that can have topics.
    await whenLoaded(() => this.#admin.createTopics({ topics, waitForLeaders: true }));
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

  /**
   * Writes rides to ride_details, in the order given.
   * @param idOf the id of a booking that has none
   * @param decided also writes the decision of each to ride_confirmed
   */
  async book(rides: Booking[], idOf: (booking: Booking) => string, decided: boolean): Promise<void> {
    for (const booking of rides) {
      const ride = { ...rideOf(booking, idOf), ...(booking.token && { payment_token: booking.token }) };
      const identity = idOf(booking);
      const record = messageOf(
        toRecord(rideDetails, booking.partition, ride, { source: 'rides', id: identity }),
      );
      const message = {
        ...record,
        ...(booking.foreign && { headers: {} }),
        ...(booking.value !== undefined && { value: booking.value }),
      };
      const offset = await this.#send('ride_details', message);
      if (!decided) continue;
      const cause: Received<RideDetails> = {
        value: ride,
        identity,
        coordinates: { topic: 'ride_details', partition: booking.partition, offset },
        timestamp: Date.now(),
        traceparent: undefined,
        causeId: undefined,
      };
      const decision = decide(ride, 'paid', new Date());
      for (const outgoing of row.toRecords(booking.partition, [decision], cause))
        await this.#send('ride_confirmed', {
          ...messageOf(outgoing),
          ...(booking.foreign && { headers: {} }),
        });
    }
  }

  /** @returns its offset */
  async #send(topic: string, message: Message): Promise<string> {
    const [stored] = await this.#producer.send({ topic, acks: -1, messages: [message] });
    return stored?.baseOffset ?? '';
  }

  /**
   * Decides what the service transaction would decide if it ran beside the student's service, so that the flow page does not
   * show those rides as lost.
   */
  async settle(): Promise<void> {
    const done = await this.log.committed('transaction', 'ride_details');
    const ends = await this.log.ends('ride_details');
    const waiting: { partition: number; record: KafkaMessage }[] = [];
    await this.log.read('ride_details', done, ends, (partition, record) =>
      waiting.push({ partition, record: record as unknown as KafkaMessage }),
    );
    for (const { partition, record } of waiting) {
      const place = { topic: 'ride_details', partition, offset: record.offset };
      await whenLoaded(async () => {
        const decision = decided(record, place); // a flaky payment fails twice
        await this.#send(decision.topic, decision.message);
      });
    }
    await this.startAtEnd('transaction', 'ride_details');
  }

  /**
   * Tells Kafka that the members of a group are gone, as their session timeouts would, some seconds later.
   * @param except a member that stays
   */
  async expel(group: string, except?: string): Promise<void> {
    const coordinator = await this.#coordinatorOf(group);
    for (const memberId of (await this.members(group)).filter((id) => id !== except))
      await coordinator.leaveGroup({ groupId: group, memberId }).catch(() => {}); // it may have left by itself
  }

  /** The ids of those that Kafka counts as members of a group. */
  async members(group: string): Promise<string[]> {
    return whenLoaded(async () => {
      const { groups } = await (await this.#coordinatorOf(group)).describeGroups({ groupIds: [group] });
      return groups[0]?.members.map(({ memberId }) => memberId) ?? [];
    });
  }

  async #coordinatorOf(groupId: string): Promise<Coordinator> {
    return (await this.#cluster.findGroupCoordinator({ groupId })) as unknown as Coordinator;
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
