/** Records in the shape that kafkajs sends, and the offsets in its answers. */
import type { Message, ProducerBatch, RecordMetadata } from '../client/kafkajs.ts';
import type { OutgoingRecord } from './records.ts';

/** Records for `sendBatch`, grouped by topic; each partition keeps the order of the queue. */
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
 * The offset of each record. Kafka returns the first offset of each partition, and the records of one flush are consecutive.
 * @throws Error when the answer leaves out a partition, which was not written then. kafkajs resolves like this after a broker
 * died during the send: its retry skips a broker that has already answered, even if that broker now leads the partition
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
 * Checks the answers to a send within a transaction.
 * @throws Error when a partition answered twice, and so has its records twice. kafkajs resolves like this after a leader
 * change during the send: its retry sends records to the new leader that the old one has already acknowledged
 */
export function expectOnce(answers: RecordMetadata[]): RecordMetadata[] {
  const places = answers.map(({ topicName, partition }) => `${topicName}/${partition}`);
  const twice = places.find((place, index) => places.indexOf(place) < index);
  if (twice === undefined) return answers;
  throw new Error(`${twice} accepted the same records twice`);
}
