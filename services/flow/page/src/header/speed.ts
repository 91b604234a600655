/** The slow motion of the processes in a few words, and whose it is. Pure. */
import type { Process } from '../../../src/protocol.ts';
import { listed } from '../format.ts';

/** Step by step comes before a delay. null: all go at full speed. */
export function speedOf(processes: Process[]): { of: string; text: string } | null {
  const paced = processes.filter(({ pace, state }) => pace && state !== 'gone');
  const stepping = paced.filter(({ pace }) => pace?.step);
  if (stepping.length > 0) return { of: whose(stepping, paced), text: 'step by step' };
  const delay = Math.max(0, ...paced.map(({ pace }) => pace?.delay ?? 0));
  const delayed = paced.filter(({ pace }) => pace?.delay === delay);
  return delay > 0 ? { of: whose(delayed, paced), text: `${delay} ms each` } : null;
}

/** `all`, the names of whole services, else those of the processes. */
function whose(some: Process[], all: Process[]): string {
  if (some.length === all.length && all.length > 1) return 'all';
  const services = [...new Set(some.map(({ service }) => service))];
  const whole = services.every((service) =>
    all.every((one) => one.service !== service || some.includes(one)),
  );
  return listed(whole ? services : some.map(({ name }) => name));
}
