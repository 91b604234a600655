/** Signs that something has happened, for the `until` of lessons. Pure. */
import type { Process, Step, View } from '../../../src/protocol.ts';
import { lives } from '../processes.ts';
import type { Seen } from './lesson.ts';

/** The story of the ride that was booked last has these steps, finished. */
export const hasSteps = ({ story }: Seen, ...names: Step['name'][]): boolean =>
  names.every((name) => story?.steps.some((step) => step.name === name && step.state === 'done'));

/** The story of that ride has a decision in an open transaction. */
export const isDeciding = ({ story }: Seen): boolean =>
  story?.steps.some(({ name, state }) => name === 'decided' && state === 'open') ?? false;

/** By how much a number of the sum has grown since the stage was set. */
export const more = (
  { now, before }: Seen,
  of: 'confirmed' | 'lost' | 'twice' | 'deadLettered' | 'expired' | 'overtaken' | 'mailed',
): number => now.totals[of] - before.totals[of];

/** Those that work or wait for a person. */
export const living = (now: View, service: string): Process[] =>
  now.processes.filter((one) => one.service === service && lives(one));

/** Through how many processes a group reads. */
export const readersOf = (now: View, group: string): number =>
  new Set(groupOf(now, group)?.partitions.map(({ owner }) => owner ?? '') ?? []).size;

/** Whether each partition has an owner that lives. */
export const isServed = (now: View, group: string): boolean => {
  const alive = new Set(living(now, group).map(({ id }) => id));
  const { state, partitions = [] } = groupOf(now, group) ?? {};
  return state === 'stable' && partitions.every(({ owner }) => owner !== null && alive.has(owner));
};

/** How many messages a group has in front of it. */
export const lagOf = (now: View, group: string): number =>
  (groupOf(now, group)?.partitions ?? []).reduce((sum, { lag }) => sum + lag, 0);

const groupOf = (now: View, name: string) => now.groups.find((group) => group.name === name);

/** Where messages of a service wait for a step. */
export const isHeld = (now: View, service: string, where: Process['held'][number]['where']): boolean =>
  living(now, service).some(({ held }) => held.some((one) => one.where === where));
