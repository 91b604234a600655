/** Deletes the system's data in Kafka. */
import { setTimeout as sleep } from 'node:timers/promises';
import { allTopics, topology } from '@rideflow/shared/topology.ts';
import { withAdmin } from './admin.ts';

/** A killed process is a group member until its session times out; in milliseconds. */
const patience = 40_000;

/**
 * Deletes the consumer groups and then the topics of the system, whose processes must have ended. A committed offset that
 * outlives its topic would make a reader skip the first messages of the new topic.
 * @throws Error that says what could not be deleted
 */
export const forget = (brokers: string[], env: NodeJS.ProcessEnv): Promise<void> =>
  withAdmin(brokers, env, async (admin) => {
    await until(async () => {
      const { groups } = await admin.listGroups();
      const ours = groups.map(({ groupId }) => groupId).filter((group) => Object.hasOwn(topology, group));
      if (ours.length > 0) await admin.deleteGroups(ours);
    }, 'the consumer groups');
    await until(async () => {
      const there = await admin.listTopics();
      const topics = allTopics().filter((topic) => there.includes(topic));
      if (topics.length === 0) return;
      await admin.deleteTopics({ topics, timeout: 10_000 });
      throw new Error('they are still listed');
    }, 'the topics');
  });

async function until(done: () => Promise<void>, what: string): Promise<void> {
  const start = Date.now();
  for (;;) {
    try {
      return await done();
    } catch (error) {
      if (Date.now() - start > patience)
        throw new Error(`Kafka did not delete ${what}: ${(error as Error).message}`);
    }
    await sleep(300);
  }
}
