/**
 * Slow motion that outlives a process: what was asked of a whole service holds for the processes that start later. A pause and single steps
 * do not: they are about the process in front of one.
 */
import type { Logger } from '@rideflow/shared/log.ts';
import type { ServiceName } from '@rideflow/shared/topology.ts';
import { askAdmin } from './ask.ts';
import type { RunningProcess } from './processes.ts';

export class KeptPace {
  readonly #delays = new Map<string, number>();
  readonly #log: Pick<Logger, 'debug'>;

  constructor(log: Pick<Logger, 'debug'>) {
    this.#log = log;
  }

  /** @param delay milliseconds for each message */
  keep(service: ServiceName, delay: number): void {
    this.#delays.set(service, delay);
  }

  /** A process that was not there before. */
  async restore(service: string, process: Pick<RunningProcess, 'name' | 'url'>): Promise<void> {
    const delay = this.#delays.get(service) ?? 0;
    if (delay === 0) return;
    await askAdmin(process, { method: 'PUT', path: '/pace', body: { delay } }).catch((error: Error) =>
      this.#log.debug({ err: error }, 'no slow motion'),
    );
  }
}
