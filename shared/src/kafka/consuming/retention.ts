/**
 * Where Kafka forgets committed offsets before it deletes messages, a group that stands still for long enough begins anew: whatever is
 * still kept is handled again. A reader whose effect lies outside Kafka cannot notice, so it says at its start what would happen.
 */
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import { connect } from '../client/connect.ts';
import { type Admin, ConfigResourceTypes } from '../client/kafkajs.ts';

const millisecondsPerDay = 86_400_000;

/** Warns when the offsets of a group may go before the messages of its topic. */
export async function compareRetention(service: Service<ReaderName>): Promise<void> {
  const { log, name } = service;
  const topic = topology[name].reads;
  const admin = connect(service, 'admin').admin();
  try {
    await admin.connect();
    const { offsets, messages } = await retentionOf(admin, topic);
    if (offsets >= messages) return;
    log.warn(
      { topic, offsetsKeptDays: inDays(offsets), messagesKeptDays: inDays(messages) },
      `Kafka keeps the committed offsets of a group for a shorter time than the messages: after ${inDays(offsets)} days without a running ` +
        `process of ${name}, it would handle again whatever is kept. Raise offsets.retention.minutes of the brokers, or lower retention.ms of the topic`,
    );
  } catch (error) {
    log.debug({ err: error }, 'how long Kafka keeps offsets and messages could not be compared');
  } finally {
    await admin.disconnect();
  }
}

/** How long Kafka keeps the offsets of a group without members, and the messages of a topic, in milliseconds. */
async function retentionOf(admin: Admin, topic: string): Promise<{ offsets: number; messages: number }> {
  const { brokers } = await admin.describeCluster();
  const broker = String(brokers[0]?.nodeId);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [
      { type: ConfigResourceTypes.BROKER, name: broker, configNames: ['offsets.retention.minutes'] },
      { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] },
    ],
  });
  const value = (config: string) =>
    resources.flatMap(({ configEntries }) => configEntries).find(({ configName }) => configName === config)
      ?.configValue;
  const messages = Number(value('retention.ms'));
  return {
    offsets: Number(value('offsets.retention.minutes')) * 60_000,
    messages: messages < 0 ? Number.POSITIVE_INFINITY : messages,
  };
}

const inDays = (milliseconds: number) =>
  Number.isFinite(milliseconds) ? Math.round((milliseconds / millisecondsPerDay) * 100) / 100 : 'unlimited';
