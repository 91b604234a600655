/**
 * `npm run doctor`: reports what is installed and what is missing, with a remedy for each. Exits with 1 when `npm start`
 * cannot work.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { given } from '@rideflow/shared/config.ts';
import { versionOf } from './broker/version.ts';
import type { Finding } from './doctor/finding.ts';
import { composePorts, disk, memory, ports } from './doctor/machine.ts';
import { broker, docker, java, maven, node, python } from './doctor/software.ts';

const help = `npm run doctor     reports what rideflow needs, what is missing, and what to do about it

Checks Docker, Java, Maven, Node, ports, memory, disk, Python with kafka-python, and the cluster in KAFKA_BROKERS if it is set.
KAFKA_VERSION selects the Kafka release to start. Changes nothing. Exits with 1 if "npm start" cannot get a broker,
otherwise with 0.`;

const options = { help: { type: 'boolean', short: 'h' } } as const;
const { env } = process;
const project = join(import.meta.dirname, '..');
const external = given(env, 'KAFKA_BROKERS');

try {
  if (parseArgs({ options }).values.help) console.log(help);
  else await examine();
} catch (error) {
  console.error(`${(error as Error).message}\n\n${help}`);
  process.exitCode = 1;
}

async function examine() {
  const version = versionOf(env);
  const cluster = external ? (await import('./doctor/kafka.ts')).kafka(env) : [];
  const found = {
    kafka: await cluster,
    broker: external ? [] : broker(version),
    docker: await docker(env),
    java: [await java(env), await maven(env)],
    rest: [
      node(),
      await ports(external !== undefined),
      ...(await composePorts(env, project)),
      memory(),
      await disk(import.meta.dirname),
      await python(env),
    ],
  };
  for (const finding of Object.values(found).flat()) print(finding);

  const works = (findings: Finding[]) => findings.every(({ state }) => state !== 'missing');
  const image = found.docker.filter(({ what }) => what !== 'Docker compose');
  const started = works(image) ? 'with Docker' : works(found.java) ? 'as a local Java process' : undefined;
  console.log();
  if (external && works(found.kafka)) return console.log(`npm start uses the Kafka cluster at ${external}.`);
  if (!external && started) return console.log(`npm start runs Kafka ${version} ${started}.`);
  process.exitCode = 1;
  const otherwise = started ? `Without KAFKA_BROKERS it would run Kafka ${version} ${started}.` : '';
  if (external)
    return console.log(`npm start cannot work: the cluster in KAFKA_BROKERS cannot be used. ${otherwise}`);
  console.log('npm start cannot work: it needs Docker with the image, or Java and Maven, or KAFKA_BROKERS.');
}

function print({ state, what, found, remedy }: Finding) {
  console.log(`${state.padEnd(8)} ${what.padEnd(15)} ${found}`);
  if (remedy) console.log(`${' '.repeat(25)}→ ${remedy}`);
}
