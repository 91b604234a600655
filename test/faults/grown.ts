import { Kafka, logLevel } from 'kafkajs';
import { eventually } from '../support/eventually.ts';
import { allTopics } from '../support/log.ts';
import type { Scenario } from './scenario.ts';

const [before, after] = [3, 6];

/**
 * A customer's rides keep their order before the growth and after it. If the growth moves the customer to another partition,
 * one of the last rides before it can be decided after one of the first rides after it. So the checker also compares within a
 * partition.
 */
export const grown: Scenario = {
  name: 'grown',
  what: `all topics grown from ${before} to ${after} partitions under load, while the services run`,
  async run(world, say) {
    const load = world.load(40);
    const decidedOn = (least: number) =>
      eventually(() => {
        const partitions = new Set(world.log.on('ride_confirmed').map(({ partition }) => partition));
        if (partitions.size < least) throw new Error(`decisions on ${partitions.size} partitions only`);
      });
    await decidedOn(before);
    const admin = new Kafka({ brokers: world.broker.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createPartitions({
      topicPartitions: allTopics.map((topic) => ({ topic, count: after })),
    });
    await admin.disconnect();
    const offsets = await ends(world.broker.brokers);
    await load.stop();
    say(`decisions on each partition; the end offsets are ${offsets.join(', ')}`);
    if (offsets.length !== after || offsets.includes('0'))
      throw new Error(`not each partition has decisions; the end offsets are ${offsets.join(', ')}`);
    return { rounds: 1 };
  },
};

/** The next offset of each partition of ride_confirmed, as soon as each has one or 60 s are over. */
async function ends(brokers: string[]): Promise<string[]> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  let seen: string[] = [];
  await eventually(async () => {
    seen = (await admin.fetchTopicOffsets('ride_confirmed')).map(({ high }) => high);
    if (seen.includes('0')) throw new Error('not each partition has decisions');
  }, 60_000).catch(() => {});
  await admin.disconnect();
  return seen;
}
