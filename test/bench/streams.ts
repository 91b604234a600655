/** Kafka Streams with the jars of the local broker. Its own jar is fetched once, and the control is compiled for each run. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { kafkaHome, kafkaIsFetched } from '../../infra/broker/kafkaHome.ts';
import { findJava, findMaven, javaEnvironment, run } from '../../infra/broker/tools.ts';
import { versionOf } from '../../infra/broker/version.ts';
import { project } from '../support/copy.ts';
import { type Program, startProgram } from './program.ts';

const compiler = 'jdk.compiler';
const source = join(import.meta.dirname, 'controls/KafkaStreams.java');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

export interface Streams {
  version: string;
  /** @param settings of Kafka Streams, such as `commit.interval.ms=1` */
  start(env: NodeJS.ProcessEnv, settings: string[]): Program;
}

/** @returns or the reason why it cannot run on this machine, as a clause */
export async function findStreams(env = process.env): Promise<Streams | string> {
  const version = versionOf(env);
  const java = await findJava(env);
  if (!java) return 'Java is not installed';
  const { output } = await run(java.command, ['--list-modules'], env);
  if (!output.includes(compiler)) return `Java ${java.version} has no compiler: a JDK is needed`;
  if (!kafkaIsFetched(version)) return 'the broker does not run as a local Java process';

  const folder = join(project, '.rideflow', `streams-${version}`);
  const jar = join(folder, `kafka-streams-${version}.jar`);
  const problem = existsSync(jar) ? null : await fetchJar(version, folder, env);
  if (problem) return problem;
  const libs = join(kafkaHome(version), 'libs');
  const jars = (await readdir(libs)).filter((name) => name.endsWith('.jar')).map((name) => join(libs, name));
  const classes = join(folder, 'classes');
  await rm(classes, { recursive: true, force: true });
  const classPath = [jar, ...jars].join(delimiter);
  const javac = ['-m', `${compiler}/com.sun.tools.javac.Main`, '-cp', classPath, '-d', classes, source];
  const compiled = await run(java.command, javac, javaEnvironment(env), 60_000);
  if (compiled.code !== 0) return `it was not compiled: ${compiled.output.trim().split('\n')[0]}`;
  const args = ['-cp', [classes, classPath].join(delimiter), 'KafkaStreams'];
  return {
    version,
    start: (env, settings) =>
      startProgram(null, env, { command: java.command, args: [...args, ...settings] }),
  };
}

/** Without what it depends on: the broker has the rest, and RocksDB is only needed for stores. */
async function fetchJar(version: string, folder: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const maven = await findMaven(env);
  if (!maven) return 'Maven, which fetches its jar, is not installed';
  await mkdir(folder, { recursive: true });
  const what = [`-Dartifact=org.apache.kafka:kafka-streams:${version}`, `-DoutputDirectory=${folder}`];
  const { code, output } = await run(
    maven.command,
    ['-B', '-q', COPY, ...what],
    javaEnvironment(env),
    120_000,
  );
  const error = /^\[ERROR\].*/m.exec(output)?.[0] ?? 'an error';
  return code === 0 ? null : `Maven could not fetch its jar: ${error}`;
}
