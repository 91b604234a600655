import { Blocked } from './blocked.ts';

/**
 * The pinned version of the image and of the jars. KAFKA_VERSION selects another one. Not 4.3.0 or 4.3.1: they can lose
 * transaction markers when a lone broker is killed, and exactly once then fails (KAFKA-20734).
 */
export const PINNED_VERSION = '4.4.0';

/**
 * The version of the brokers that are started here: KAFKA_VERSION, or else the pinned version.
 * @throws Error that says what is accepted
 */
export function versionOf(env: NodeJS.ProcessEnv): string {
  return checked(env.KAFKA_VERSION?.trim() || PINNED_VERSION, 'KAFKA_VERSION');
}

/**
 * @param name the variable or option with the version, for the error
 * @throws Error that says what is accepted
 */
export function checked(version: string, name: string): string {
  const [, major = 0, minor = 0] = /^(\d+)\.(\d+)\.\d+$/.exec(version)?.map(Number) ?? [];
  if (major > 3 || (major === 3 && minor >= 9)) return version;
  throw new Error(
    `${name} is "${version}", but must be a release of Apache Kafka, 3.9.0 or newer, with three numbers, such as ${PINNED_VERSION}.`,
  );
}

/** True for the releases that lose transaction markers (KAFKA-20734). */
export const losesMarkers = (version: string) => version === '4.3.0' || version === '4.3.1';

/**
 * Kafka reads the data of earlier release lines, but not that of later ones.
 * @param begunWith the version that created the data in the folder; undefined if unknown
 * @throws Blocked with what to do
 */
export function assertReadable(folder: string, begunWith: string | undefined, version: string): void {
  const lineOf = (release: string) => release.split('.').slice(0, 2).map(Number) as [number, number];
  const [major, minor] = lineOf(version);
  const [begunMajor, begunMinor] = lineOf(begunWith || version);
  if (major > begunMajor || (major === begunMajor && minor >= begunMinor)) return;
  throw new Blocked(
    `The data in ${folder} was created by Kafka ${begunWith}, and Kafka ${version} cannot read it. Do one of the following: ` +
      'unset KAFKA_VERSION or set a later one; use another folder (npm start -- --data DIR); delete that folder.',
  );
}

export const imageOf = (version: string) => `apache/kafka:${version}`;
