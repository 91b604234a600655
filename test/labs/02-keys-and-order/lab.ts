/** Lab 2: the key decides the partition, and the partition decides the order. */
import { place } from '../../../infra/check/places.ts';
import type { Raw } from '../../../infra/check/records.ts';
import type { CodeCheck, Failure, Lab, Random } from '../engine/lab.ts';
import { type Stored, withTopic } from '../engine/temporary-topic.ts';
import type { KeysAndOrder, Ride } from '../kit.ts';
import { wrong } from './wrong.ts';

/** Enough that a partition without any of them is no accident. */
const customers = 40;

export const keysAndOrder: Lab = {
  number: 2,
  name: 'keys-and-order',
  title: 'Keys and order',
  about: 'choose the key, so that the rides of a customer stay in order',
  file: 'publish.ts',
  group: '',
  effects: 'decisions',
  question: {
    ask: 'Two rides of one customer are on two partitions. In which order do readers handle them?',
    answers: [
      'In the order in which they were written.',
      'In the order of their offsets.',
      'Nobody knows: each partition is read at its own pace.',
    ],
    right: 3,
    because:
      'Kafka promises an order inside of a partition only. Offsets of different partitions cannot be compared.',
  },
  checks: [
    check(3, 'the rides of each customer stay in order on 3 partitions'),
    check(6, 'the rides of each customer stay in order on 6 partitions, and all partitions are used'),
  ],
  hints: {
    'no-key': [
      'Look at the two messages: same customer, two partitions, no key. Who chose the partitions?',
      'Without a key, kafkajs chooses a partition for each message anew.',
      'Give each message the key that all rides of a customer have in common: `{ key: …, value: … }`.',
    ],
    'wrong-key': [
      'Look at the keys of the two messages. They have the same customer. Why are the keys different?',
      'Messages with different keys may go to different partitions. Your key changes from ride to ride.',
      'Use what stays the same for a customer: `key: ride.customer_id`.',
    ],
    unused: [
      'Look at the partitions that are empty. Who can read there?',
      'You compute the partition yourself and do not know how many there are. A process that gets an empty partition has nothing to do.',
      'Give the message a key, and no `partition`. The producer knows the number of partitions.',
    ],
    'one-key': [
      'Look at the keys. What do the rides of two customers have in common?',
      'All rides have the same key, so they are in one partition. A second process has nothing to do.',
      'Use what differs between customers and stays the same for one: `key: ride.customer_id`.',
    ],
    lost: [
      'Not each ride is on the topic.',
      '`publish` must write each ride exactly once, and wait until Kafka has it.',
      '`await producer.send({ topic, messages: [{ key: ride.customer_id, value: JSON.stringify(ride) }] })`',
    ],
  },
  holds:
    'All rides of a customer have the same key, so they are in one partition, in the order in which they were written. Many customers spread over all partitions, however many there are.',
  open: 'The moment in which a topic grows: a key may then move to another partition, and a new ride can overtake an old one that still waits. rideflow warns about that (npm run topics). Also, one very busy customer stays on one partition.',
  starter: 'no-key',
  wrong,
};

function check(partitions: number, name: string): CodeCheck {
  return {
    name,
    does: `writes ${2 * customers} rides of ${customers} customers to a topic with ${partitions} partitions, and reads them back`,
    run: async (exported, random, ground) => {
      const publish = exported.default as (tools: KeysAndOrder, ride: Ride) => Promise<void>;
      if (typeof publish !== 'function')
        return { hint: 'lost', saw: 'The file has no default export that is a function.' };
      return withTopic((await ground()).brokers, partitions, async (tools) => {
        const rides = ridesOf(random);
        for (const ride of rides) await publish(tools, ride);
        return judge(tools.topic, partitions, rides, await tools.read());
      });
    },
  };
}

/** Each customer books twice, from two places. */
function ridesOf(random: Random): Ride[] {
  const run = Math.random().toString(36).slice(2, 6);
  return [1, 2].flatMap((round) =>
    Array.from({ length: customers }, (_, i) => ({
      id: `ride-${run}-${round}-${i + 1}`,
      customer_id: `user_${i + 1}`,
      customer_email: `user_${i + 1}@example.com`,
      location: { lat: random.whole(-90, 90), long: random.whole(-180, 180) },
      requested_at: new Date().toISOString(),
    })),
  );
}

function judge(topic: string, partitions: number, rides: Ride[], stored: Stored[]): Failure | null {
  const byRide = new Map(stored.map((one) => [idIn(one.record), one]));
  const missing = rides.find(({ id }) => !byRide.has(id));
  if (missing || stored.length !== rides.length)
    return {
      hint: 'lost',
      saw: missing
        ? `The ride ${missing.id} is not on the topic.`
        : `The topic has ${stored.length} messages for ${rides.length} rides.`,
    };
  for (let i = 0; i < customers; i++) {
    const two = [rides[i], rides[i + customers]].map((ride) => byRide.get(ride?.id ?? ''));
    const [first, second] = two;
    if (!first || !second || first.partition === second.partition) continue;
    return {
      hint: first.record.key === null ? 'no-key' : 'wrong-key',
      saw: `Two rides of ${rides[i]?.customer_id} are on two partitions, so nobody knows which one is handled first.`,
      evidence: [first, second].map(({ partition, record }, n): [string, string] => [
        n === 0 ? 'first' : 'second',
        `${place(topic, { partition, offset: Number(record.offset) })}, key ${record.key ?? 'none'}`,
      ]),
    };
  }
  const used = new Set(stored.map(({ partition }) => partition));
  const empty = Array.from({ length: partitions }, (_, i) => i).filter((partition) => !used.has(partition));
  if (empty.length === 0) return null;
  const [first] = stored;
  const oneKey =
    first &&
    first.record.key !== null &&
    stored.every(({ record }) => String(record.key) === String(first.record.key));
  if (oneKey)
    return {
      hint: 'one-key',
      saw: `All rides have the same key, ${first.record.key}, so all of them are on partition ${first.partition}.`,
    };
  return {
    hint: 'unused',
    saw: `${empty.length} of ${partitions} partitions have no message, although ${customers} customers have booked: ${empty.join(', ')}.`,
  };
}

function idIn({ value }: Raw): string {
  try {
    return String(JSON.parse(String(value)).id);
  } catch {
    return '';
  }
}
