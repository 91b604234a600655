/** When decisions become visible to a read-committed reader. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchedRecord } from '@rideflow/shared/kafka/client/kafkajs-internals.ts';
import type { Kafka } from 'kafkajs';

/** Wait for the last decision, in milliseconds. */
const patience = 60_000;

/** A ride of which the decision was visible. All times are in milliseconds since 1970. */
export interface Decided {
  customer: string;
  /** When its time began. */
  begun: number;
  /** When the broker wrote the marker that committed the decision; undefined without a transaction. */
  marker: number | undefined;
  /** When the reader had the decision. */
  seen: number;
}

export const now = () => performance.timeOrigin + performance.now();
export const timesOf = (rides: Decided[]): number[] => rides.map(({ begun, seen }) => seen - begun);

/**
 * Resolves when the reader is a member of its group.
 * @returns waits for the decisions of these customers, with one ride each, of which the time began then
 */
export async function readDecisions(kafka: Kafka, topics: string[]) {
  const decisions = new Map<string, { seen: number; marker: number | undefined }>();
  const consumer = kafka.consumer({ groupId: `clock-${process.pid}` });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const seen = now();
      const { rawMessages } = batch as unknown as { rawMessages: FetchedRecord[] };
      const visible = new Set(batch.messages.map(({ offset }) => offset)); // the others were aborted
      let marker: number | undefined;
      for (const { key, offset, isControlRecord, timestamp } of rawMessages.toReversed()) {
        if (isControlRecord) marker = Number(timestamp);
        else if (visible.has(offset) && !decisions.has(String(key)))
          decisions.set(String(key), { seen, marker });
      }
    },
  });
  await joined;
  return async (begun: Map<string, number>): Promise<Decided[]> => {
    const undecided = () => [...begun.keys()].filter((customer) => !decisions.has(customer)).length;
    for (const end = now() + patience; undecided() > 0; await sleep(10))
      if (now() > end)
        throw new Error(`${undecided()} of ${begun.size} rides were not decided within a minute`);
    const rides = [...begun].map(([customer, begun]) => {
      const { seen = 0, marker } = decisions.get(customer) ?? {};
      return { customer, begun, marker, seen };
    });
    decisions.clear();
    return rides;
  };
}
