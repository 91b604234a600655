/** When decisions become visible to a read-committed reader. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';

/** Wait for the last decision, in milliseconds. */
const patience = 60_000;

export interface Decisions {
  /**
   * Waits for the decisions of these customers, with one ride each.
   * @param begun when the time of each ride begins, by `performance.now()`
   * @returns the times until they were visible, in milliseconds, in the same order
   */
  since(begun: Map<string, number>): Promise<number[]>;
}

/** Resolves when the reader is a member of its group. */
export async function readDecisions(kafka: Kafka, topics: string[]): Promise<Decisions> {
  const seen = new Map<string, number>();
  const consumer = kafka.consumer({ groupId: `clock-${process.pid}` });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const now = performance.now();
      for (const { key } of batch.messages) if (!seen.has(String(key))) seen.set(String(key), now);
    },
  });
  await joined;
  return {
    async since(begun) {
      const customers = [...begun.keys()];
      const undecided = () => customers.filter((customer) => !seen.has(customer)).length;
      for (const end = performance.now() + patience; undecided() > 0; await sleep(10))
        if (performance.now() > end)
          throw new Error(`${undecided()} of ${begun.size} rides were not decided within a minute`);
      const times = customers.map((customer) => Number(seen.get(customer)) - Number(begun.get(customer)));
      seen.clear();
      return times;
    },
  };
}
