/**
 * If Kafka deletes committed offsets before messages, a group that is stopped for long enough starts from the beginning and
 * handles all kept messages again. A reader with effects outside Kafka cannot detect that, so it warns at its start.
 */
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import { connect } from '../client/connect.ts';
import { type Admin, ConfigResourceTypes } from '../client/kafkajs.ts';

const millisecondsPerDay = 86_400_000;

/** Warns if the offsets of a group can expire before the messages of its topic. */
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
        `process of ${name}, it would handle every kept message again. Raise offsets.retention.minutes of the brokers, or lower retention.ms of the topic`,
    );
  } catch (error) {
    log.debug({ err: error }, 'could not compare how long Kafka keeps offsets and messages');
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
