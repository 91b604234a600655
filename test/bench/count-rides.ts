/** Whether each ride is in a topic exactly once, as a read-committed reader sees it. */
import { readBack } from '@rideflow/shared/kafka/observing/read-back.ts';
import type { Ground } from './ground.ts';

export interface Count {
  /** Rides that are missing. */
  lost: number;
  /** Messages about a ride that has one already. */
  doubled: number;
}

/** @param rides the number of rides that must be there */
export async function countRides({ admin, kafka }: Ground, topic: string, rides: number): Promise<Count> {
  const ids = new Set<string>();
  let messages = 0;
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    const stretch = { topic, partition, from: Number(low), to: Number(high) };
    await readBack(kafka, stretch, ({ isControlRecord, value }) => {
      if (isControlRecord) return;
      ids.add(JSON.parse(String(value)).id);
      messages++;
    });
  }
  return { lost: rides - ids.size, doubled: messages - ids.size };
}

export const inWords = ({ lost, doubled }: Count): string =>
  lost + doubled === 0 ? 'each once' : `**${lost} missing, ${doubled} double**`;
