/** Controls that read a topic, each time as a new group. */
import { randomUUID } from 'node:crypto';
import { copied, type Ground } from './ground.ts';
import { type Program, startProgram } from './program.ts';

export type Reading = Program & { group: string };

/** @param script below `controls` */
export const startReading = (ground: Ground, script: string, from: string): Reading =>
  startAsGroup(ground, script, from, (env) => startProgram(`controls/${script}`, env));

/** A control of any language, which gets the environment of a control. */
export function startAsGroup(
  ground: Ground,
  name: string,
  from: string,
  start: (env: NodeJS.ProcessEnv) => Program,
): Reading {
  const group = `${name}-${randomUUID()}`;
  const env = { KAFKA_BROKERS: ground.brokers.join(), GROUP: group, FROM: from, TO: copied };
  return { ...start(env), group };
}
