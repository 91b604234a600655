/** The guarantee that a service gives. Pure. */
import type { Process } from '../../../src/protocol.ts';
import { runs } from '../processes.ts';

/** null where it was never told. `stopped`: no process gives it now; the last one did. */
export function guaranteeOf(
  service: string,
  processes: Process[],
): { guarantee: string; stopped: boolean } | null {
  const told = processes.filter((process) => process.service === service && process.guarantee);
  const living = told.find(runs);
  const last = living ?? told.toSorted((a, b) => b.since - a.since)[0];
  return last?.guarantee ? { guarantee: last.guarantee, stopped: !living } : null;
}
