/** `npm run poison`: writes messages that a reader cannot process, and some that only look like it. */
import { parseArgs } from 'node:util';
import { WorkbenchError as BadInput } from '@rideflow/shared/dead-letters/errors.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import { Writer } from '@rideflow/shared/kafka/writing/writer.ts';
import { type KindName, kinds } from '@rideflow/shared/poison.ts';
import { type TopicName, topics } from '@rideflow/shared/topics.ts';
import { toolClient } from './dlq/client.ts';

const help = `npm run poison -- --kind <kind>     writes messages that a reader cannot process

${Object.entries(kinds)
  .map(([name, { shows }]) => `  ${name.padEnd(13)} ${shows}`)
  .join('\n')}

  --topic <name>         ${Object.keys(topics).join(' or ')} (default ride_details)
  --count <number>       number of messages, 1 to 10000 (default 1), spread over the partitions
  --brokers <host:port>  Kafka (default KAFKA_BROKERS, or localhost:9092); login and TLS as for the services
  --help                 shows this text

"npm run dlq -- list" shows the dead letters.
`;

const known = {
  kind: { type: 'string' },
  topic: { type: 'string', default: 'ride_details' },
  count: { type: 'string', default: '1' },
  brokers: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function readOptions() {
  const { values } = parse();
  const { kind, topic, count } = values;
  if (values.help) return null;
  if (kind === undefined || !Object.hasOwn(kinds, kind))
    throw new BadInput(`--kind ${kind ?? '(none)'}: must be ${Object.keys(kinds).join(', ')}.`);
  if (!Object.hasOwn(topics, topic))
    throw new BadInput(`--topic ${topic}: must be ${Object.keys(topics).join(' or ')}.`);
  if (!/^\d{1,5}$/.test(count) || Number(count) < 1 || Number(count) > 10_000)
    throw new BadInput(`--count ${count}: must be a whole number from 1 to 10000.`);
  return {
    kind: kind as KindName,
    topic: topic as TopicName,
    count: Number(count),
    brokers: values.brokers,
  };
}

function parse() {
  try {
    return parseArgs({ options: known, strict: true });
  } catch (error) {
    throw new BadInput(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
  }
}

async function poison({ kind, topic, count, brokers }: NonNullable<ReturnType<typeof readOptions>>) {
  const client = toolClient('poison', process.env, brokers);
  const partitions = await partitionsOf(client, topic);
  const writer = new Writer(client);
  try {
    let unsettled: Promise<string>[] = [];
    for (let n = 0; n < count; n++) {
      const value = kinds[kind].value(topic, n);
      unsettled.push(writer.write({ topic, partition: n % partitions, key: null, value, headers: {} }));
      if (unsettled.length < 100) continue;
      await Promise.all(unsettled); // bounds the memory
      unsettled = [];
    }
    await Promise.all(unsettled);
  } finally {
    await writer.stop();
  }
  process.stdout.write(
    `${count} ${kind} ${count === 1 ? 'message' : 'messages'} written to ${topic}: ${kinds[kind].shows}.\n`,
  );
}

/** @throws BadInput when Kafka does not answer or has no such topic */
async function partitionsOf(client: ReturnType<typeof toolClient>, topic: string): Promise<number> {
  const admin = connect(client, 'admin').admin();
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic))
      throw new BadInput(
        `This Kafka cluster has no topic ${topic}. Start the system first, with \`npm start\` or \`docker compose up\`.`,
      );
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(
      `No Kafka broker answers at ${client.config.KAFKA_BROKERS.join()} (${(error as Error).message}).\n` +
        'Start the system with `npm start` or `docker compose up`, or give its address with --brokers.',
    );
  } finally {
    await admin.disconnect();
  }
}

try {
  const options = readOptions();
  if (options) await poison(options);
  else process.stdout.write(help);
} catch (error) {
  if (!(error instanceof BadInput)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
