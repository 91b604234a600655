/** Controls that read a topic, each time as a new group. */
import { randomUUID } from 'node:crypto';
import { copied, type Ground } from './ground.ts';
import { type Program, startProgram } from './program.ts';

/** @param script below `controls` */
export function startReading(ground: Ground, script: string, from: string): Program & { group: string } {
  const group = `${script}-${randomUUID()}`;
  const env = { KAFKA_BROKERS: ground.brokers.join(), GROUP: group, FROM: from, TO: copied };
  return { ...startProgram(`controls/${script}`, env), group };
}
