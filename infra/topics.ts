/** `npm run topics`: shows the topics of the system, and gives all of them more partitions. */
import { parseArgs } from 'node:util';
import { WorkbenchError as BadInput } from '@rideflow/shared/dead-letters/errors.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import type { Admin } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { describeTopics } from '@rideflow/shared/kafka/ensure-topics.ts';
import { allTopics } from '@rideflow/shared/topology.ts';
import { wholeNumber } from '@rideflow/shared/whole-number.ts';
import { toolClient } from './dlq/client.ts';

/** The same limit as for PARTITIONS. A larger number is more likely a typing error, and cannot be undone. */
const most = 100;

const help = `npm run topics                        shows the topics of the system and their partitions
npm run topics -- --partitions <n>    adds partitions to every topic that has fewer than n

  --partitions <number>  1 to ${most}; not less than any topic already has, because Kafka cannot remove partitions
  --brokers <host:port>  Kafka (default KAFKA_BROKERS, or localhost:9092); login and TLS as for the services
  --help                 shows this text

Every message is kept. The services can run meanwhile, and use the new partitions within half a minute. Only the order of one
customer's rides is not guaranteed during the change: a new ride may go to another partition and overtake an earlier ride
that still waits.
`;

function readOptions() {
  const known = {
    partitions: { type: 'string' },
    brokers: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    return parseArgs({ options: known, strict: true }).values;
  } catch (error) {
    throw new BadInput(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
  }
}

async function run({ partitions, brokers }: ReturnType<typeof readOptions>): Promise<string> {
  const client = toolClient('topics', process.env, brokers);
  const admin = connect(client, 'admin').admin();
  try {
    const before = await countsOf(admin).catch((error) => {
      throw new BadInput(
        `No Kafka broker answers at ${client.config.KAFKA_BROKERS.join()} (${(error as Error).message}).\n` +
          'Start the system with `npm start` or `docker compose up`, or give its address with --brokers.',
      );
    });
    if (before.size === 0)
      throw new BadInput(
        'This Kafka cluster has none of the topics yet. The services create them when they start, with PARTITIONS partitions.',
      );
    const wanted = partitions === undefined ? null : await grow(admin, before, partitions);
    return allTopics()
      .map((topic) => {
        const count = before.get(topic);
        if (count === undefined) return `  ${topic.padEnd(30)} does not exist\n`;
        const was = wanted === null || wanted === count ? '' : `, ${count} before`;
        return `  ${topic.padEnd(30)} ${wanted ?? count} partitions${was}\n`;
      })
      .join('');
  } finally {
    await admin.disconnect();
  }
}

/** The partitions of each existing topic of the system. */
async function countsOf(admin: Admin): Promise<Map<string, number>> {
  await admin.connect();
  const existing = new Set(await admin.listTopics());
  const there = allTopics().filter((topic) => existing.has(topic));
  return new Map(
    [...(await describeTopics(admin, there))].map(([topic, { partitions }]) => [topic, partitions]),
  );
}

/** One request for all topics, so their partition counts differ as briefly as possible. */
async function grow(admin: Admin, before: Map<string, number>, partitions: string): Promise<number> {
  const [largest, least] = [...before].reduce((a, b) => (b[1] > a[1] ? b : a));
  const wanted = wholeNumber(least, Math.max(least, most)).safeParse(partitions);
  if (!wanted.success)
    throw new BadInput(
      `--partitions ${partitions}: ${wanted.error.issues[0]?.message}. ${largest} has ${least}, and Kafka cannot remove partitions.`,
    );
  const count = wanted.data;
  const fewer = [...before]
    .filter(([, partitions]) => partitions < count)
    .map(([topic]) => ({ topic, count }));
  if (fewer.length > 0)
    await admin.createPartitions({ topicPartitions: fewer }).catch((error: Error) => {
      throw new BadInput(`Kafka refused the change: ${error.message}`);
    });
  return count;
}

try {
  const options = readOptions();
  process.stdout.write(options.help ? help : await run(options));
} catch (error) {
  if (!(error instanceof BadInput)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
