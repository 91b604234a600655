import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { Broker } from '../../../infra/broker/broker.ts';
import { eventually } from '../eventually.ts';

/**
 * Takes all topics and groups from a broker.
 * @param patience for groups to lose their members, in milliseconds: a killed member stays until its session times out
 * @throws Error when a group still has members: they would go on
 */
export async function clean({ brokers }: Pick<Broker, 'brokers'>, patience = 10_000): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 2 } }).admin();
  await admin.connect();
  try {
    await eventually(async () => {
      const { groups } = await admin.listGroups();
      if (groups.length > 0) await admin.deleteGroups(groups.map(({ groupId }) => groupId));
    }, patience);
    const topics = await topicsOf(admin);
    if (topics.length > 0) await admin.deleteTopics({ topics });
    while ((await topicsOf(admin)).length > 0) await sleep(20);
  } finally {
    await admin.disconnect();
  }
}

const topicsOf = async (admin: Admin) =>
  (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
