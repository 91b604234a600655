/** Observes when rides are decided, and when a cluster is complete again. */
import { Kafka, logLevel } from 'kafkajs';
import { eventually } from '../support/eventually.ts';
import { allTopics } from '../support/log.ts';
import type { World } from './world.ts';

/** Resolves at the next visible decision, with the seconds that it took. @throws Error after 120 s */
export function nextDecision({ log }: World): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nothing was decided for 120 s')), 120_000);
    log.onEntry = ({ topic }) => {
      if (topic !== 'ride_confirmed') return;
      clearTimeout(timer);
      resolve((performance.now() - start) / 1000);
    };
  });
}

/** The longest time from a request for a ride to its decision, in seconds, of the rides that were accepted since a moment. */
export function longestSince(moment: number, { accepted, log }: World): Promise<number> {
  const rides = accepted.filter(({ answered = 0 }) => answered >= moment);
  return eventually(() => {
    const seen = new Map(log.on('ride_confirmed').map((entry) => [entry.value?.id, entry.seen]));
    const waits = rides.map(({ id, sent = 0 }) => ((seen.get(id) ?? Number.NaN) - sent) / 1000);
    const longest = Math.max(...waits);
    if (Number.isNaN(longest)) throw new Error('rides are not decided');
    return longest;
  });
}

/** The longest time in which no ride was accepted since a moment, in seconds. */
export function longestPause(moment: number, { accepted }: World): number {
  const answers = accepted.map(({ answered = 0 }) => answered).filter((answered) => answered >= moment);
  const times = [moment, ...answers.sort((a, b) => a - b), Date.now()];
  return Math.max(...times.slice(1).map((time, n) => time - (times[n] as number))) / 1000;
}

/** Resolves when every broker is in sync. */
export async function inSync({ broker: { brokers } }: World): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = [...allTopics, '__consumer_offsets', '__transaction_state'];
  await eventually(async () => {
    const metadata = await admin.fetchTopicMetadata({ topics });
    const copies = metadata.topics.flatMap(({ partitions }) => partitions.map(({ isr }) => isr.length));
    if (Math.min(...copies) < brokers.length) throw new Error('a broker has not caught up');
  });
  await admin.disconnect();
}
