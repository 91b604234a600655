/** `npm run doctor`: what is there and what is missing, each with the remedy. Ends with 1 when `npm start` cannot work. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { given } from '@rideflow/shared/config.ts';
import { versionOf } from './broker/version.ts';
import type { Finding } from './doctor/finding.ts';
import { composePorts, disk, memory, ports } from './doctor/machine.ts';
import { broker, docker, java, maven, node, python } from './doctor/software.ts';

const help = `npm run doctor     says what is there and what is missing for rideflow, each with the remedy

Looks at Docker, Java, Maven, Node, ports, memory, disk, the cluster that KAFKA_BROKERS names if it is set, and Python
with kafka-python. KAFKA_VERSION says which Kafka is to be started. Changes nothing. Ends with 1 when "npm start" cannot get a broker, otherwise with 0.`;

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
  if (external && works(found.kafka)) return console.log(`npm start will use the Kafka at ${external}.`);
  if (!external && started) return console.log(`npm start will start Kafka ${version} ${started}.`);
  process.exitCode = 1;
  const otherwise = started ? `Without KAFKA_BROKERS it would start Kafka ${version} ${started}.` : '';
  if (external) return console.log(`npm start cannot work: KAFKA_BROKERS leads nowhere. ${otherwise}`);
  console.log('npm start cannot work: it needs Docker with the image, or Java and Maven, or KAFKA_BROKERS.');
}

function print({ state, what, found, remedy }: Finding) {
  console.log(`${state.padEnd(8)} ${what.padEnd(15)} ${found}`);
  if (remedy) console.log(`${' '.repeat(25)}→ ${remedy}`);
}
