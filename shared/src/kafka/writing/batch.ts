/** Records in the shape that kafkajs sends, and what its answers say of each. */
import type { Message, ProducerBatch, RecordMetadata } from '../client/kafkajs.ts';
import type { OutgoingRecord } from './records.ts';

/** Records for `sendBatch`, grouped by topic; the order within each partition is that of the queue. */
export function toBatch(records: OutgoingRecord[]): ProducerBatch {
  const byTopic = Map.groupBy(records, ({ topic }) => topic);
  return {
    acks: -1,
    topicMessages: [...byTopic].map(([topic, group]) => ({
      topic,
      messages: group as (OutgoingRecord & Message)[],
    })),
  };
}

/**
 * The offset of each record: Kafka answers with the first one per partition, and the records of one flush are consecutive.
 * @throws Error when the answer leaves a partition out, which was not written then. kafkajs resolves so, after a broker died in the
 * middle: as it tries again, it passes over a broker that has answered already, although that one leads the partition now
 */
export function offsetsOf(records: OutgoingRecord[], answers: RecordMetadata[]): string[] {
  const next = new Map(
    answers.map(({ topicName, partition, baseOffset }) => [
      `${topicName}/${partition}`,
      BigInt(baseOffset ?? -1),
    ]),
  );
  return records.map(({ topic, partition }) => {
    const offset = next.get(`${topic}/${partition}`);
    if (offset === undefined)
      throw new Error(`Kafka acknowledged other partitions, but not ${topic}/${partition}`);
    next.set(`${topic}/${partition}`, offset + 1n);
    return String(offset);
  });
}

/**
 * The answers to what was sent within a transaction.
 * @throws Error when a partition answered twice, and so has its records twice. kafkajs resolves so, after a leader changed in the
 * middle: as it tries again, it sends to the new leader what the old one has acknowledged already
 */
export function expectOnce(answers: RecordMetadata[]): RecordMetadata[] {
  const places = answers.map(({ topicName, partition }) => `${topicName}/${partition}`);
  const twice = places.find((place, index) => places.indexOf(place) < index);
  if (twice === undefined) return answers;
  throw new Error(`${twice} took the same records twice`);
}
