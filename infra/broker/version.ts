import { Blocked } from './blocked.ts';

/**
 * The pinned version, for the image and for the jars alike; KAFKA_VERSION asks for another one. Not 4.3.0 or 4.3.1: when a
 * lone broker is killed they lose the markers that end transactions, and exactly once fails (KAFKA-20734).
 */
export const PINNED_VERSION = '4.4.0';

/**
 * The version of the brokers that are started here: that of KAFKA_VERSION, else the pinned one.
 * @throws Error that says what is accepted
 */
export function versionOf(env: NodeJS.ProcessEnv): string {
  return checked(env.KAFKA_VERSION?.trim() || PINNED_VERSION, 'KAFKA_VERSION');
}

/**
 * @param name what the version is the value of, for the error
 * @throws Error that says what is accepted
 */
export function checked(version: string, name: string): string {
  const [, major = 0, minor = 0] = /^(\d+)\.(\d+)\.\d+$/.exec(version)?.map(Number) ?? [];
  if (major > 3 || (major === 3 && minor >= 9)) return version;
  throw new Error(
    `${name} is "${version}"; accepted is a release of Apache Kafka from 3.9.0 on, with three numbers, such as ${PINNED_VERSION}.`,
  );
}

/** True of the releases that lose the ends of transactions (KAFKA-20734). */
export const losesMarkers = (version: string) => version === '4.3.0' || version === '4.3.1';

/**
 * Kafka takes over what an earlier release line has written, and nothing that a later one began.
 * @param begunWith the version that the data in the folder began with; undefined where that is not known
 * @throws Blocked that says what can be done
 */
export function assertReadable(folder: string, begunWith: string | undefined, version: string): void {
  const lineOf = (release: string) => release.split('.').slice(0, 2).map(Number) as [number, number];
  const [major, minor] = lineOf(version);
  const [begunMajor, begunMinor] = lineOf(begunWith || version);
  if (major > begunMajor || (major === begunMajor && minor >= begunMinor)) return;
  throw new Blocked(
    `The data in ${folder} began with Kafka ${begunWith}, which Kafka ${version} cannot read. Remedy, one of these: ` +
      'run without KAFKA_VERSION or with a later one; keep other data elsewhere (npm start -- --data DIR); delete that folder.',
  );
}

export const imageOf = (version: string) => `apache/kafka:${version}`;
