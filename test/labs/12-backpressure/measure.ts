/** Calls the student's functions that measure the lag and say how many processes help. */
import type { Ground } from '../engine/ground.ts';
import type { Failure, Random } from '../engine/lab.ts';
import { withTopic } from '../engine/temporary-topic.ts';
import type { Waiting } from '../kit.ts';
import { group, partitions } from './calls.ts';

type Lag = Map<number, number>;
type Measure = (waiting: Waiting) => Promise<Lag>;
type Helping = (lag: Lag) => number;

/**
 * Partitions with something special. Nothing was ever committed for the first two. In the last two, Kafka has deleted the first
 * messages: in `passed`, also some that the group has not handled.
 */
const [fresh, shortened, passed] = [1, 2, 3];
/** What a wrong count means. */
const hints = new Map([
  [fresh, 'nothing-committed'],
  [shortened, 'deleted'],
  [passed, 'deleted'],
  [5, 'nothing-committed'],
]);

export async function measure(
  exported: Record<string, unknown>,
  random: Random,
  open: () => Promise<Ground>,
): Promise<Failure | null> {
  const { lag, processes } = exported as { lag?: Measure; processes?: Helping };
  if (typeof lag !== 'function') return { hint: 'not-lag', saw: 'The file exports no function lag.' };
  if (typeof processes !== 'function')
    return { hint: 'processes', saw: 'The file exports no function processes.' };
  return withTopic((await open()).brokers, partitions, async ({ topic, kafka, book, commitEnd }) => {
    const rides = (partition: number, count: number) =>
      Array.from({ length: count }, () => ({ partition, customer: `user_${partition + 1}` }));
    const expected: Lag = new Map([
      [0, 0],
      [fresh, random.whole(2, 9)],
      [shortened, random.whole(2, 9)],
      [passed, random.whole(2, 9)],
      [4, random.whole(20, 40)],
      [5, 0],
    ]);
    await book([
      ...rides(0, random.whole(5, 9)),
      ...rides(passed, 3),
      ...rides(4, 3),
      ...rides(shortened, 4),
    ]);
    await commitEnd(group, [0, passed, 4]);
    await book(rides(passed, 2));
    await book([...expected].flatMap(([partition, count]) => rides(partition, count)));

    const admin = kafka.admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic); // kafkajs has to know the topic before it can delete from it
    const deleted = [
      { partition: shortened, offset: '4' },
      { partition: passed, offset: '5' },
    ];
    await admin.deleteTopicRecords({ topic, partitions: deleted });
    const found = await lag({ admin, topic, groupId: group });
    for (const [partition, waiting] of expected)
      if (found?.get?.(partition) !== waiting)
        return {
          hint: hints.get(partition) ?? 'not-lag',
          saw: `In ${topic}/${partition}, ${waiting} rides wait. Your function says ${found?.get?.(partition)}.`,
        };
    const hot: Lag = new Map([...expected.keys()].map((partition) => [partition, partition === 4 ? 120 : 0]));
    const much: Lag = new Map([...expected.keys()].map((partition) => [partition, 300]));
    for (const lag of [expected, hot, much]) {
      const helping = [...lag.values()].filter((waiting) => waiting > 0).length;
      const said = processes(lag);
      if (said !== helping)
        return {
          hint: 'processes',
          saw: `How many processes can work at once on this lag? Your function says ${said}. The right number is ${helping}.`,
          evidence: [...lag].map(([partition, waiting]) => [
            `partition ${partition}:`,
            `${waiting} rides wait`,
          ]),
        };
    }
    return null;
  });
}
