/** A system to break, and customers who use it. */
import type { Accepted, MailSeen, StatisticsSeen } from '../../infra/check/check.ts';
import type { ProcessName } from '../../infra/system/system.ts';
import { startTestSystem, type TestSystem, type TestSystemOptions } from '../support/system.ts';
import { type Load, startLoad } from './load.ts';

export interface WorldSettings {
  /** A short run: fewer rounds. */
  share: boolean;
  /** Factor for all time limits, for a busy machine. */
  slack: number;
}

export interface World extends TestSystem, WorldSettings {
  accepted: Accepted[];
  /** Starts customers who book this many rides per second at the current rides processes. */
  load(rate: number, urls?: () => string[]): Load;
  /** Ends a process with a signal and starts it again; resolves when it is ready. */
  restart(name: ProcessName, signal: NodeJS.Signals): Promise<void>;
  mailsSeen(): Promise<MailSeen[]>;
  statsSeen(): Promise<StatisticsSeen>;
}

export async function createWorld(
  settings: WorldSettings,
  extra?: Partial<Record<ProcessName, NodeJS.ProcessEnv>>,
  options?: TestSystemOptions,
): Promise<World> {
  const it = await startTestSystem(extra, options);
  const { stop } = it;
  const accepted: Accepted[] = [];
  const loads: Load[] = [];
  return Object.assign(it, {
    ...settings,
    accepted,
    load(rate: number, urls = () => [it.system.url('rides')]) {
      const load = startLoad(urls, rate, accepted, loads.length + 1);
      loads.push(load);
      return load;
    },
    async restart(name: ProcessName, signal: NodeJS.Signals) {
      const status = await it.system.children.get(name)?.stop(signal);
      if (signal === 'SIGTERM' && status !== 0)
        throw new Error(`${name} did not stop cleanly: exit status ${status}`);
      it.system.run(name);
      await it.system.ready(name);
    },
    async stop() {
      for (const load of loads) load.abandon();
      await stop();
    },
    mailsSeen: async () => it.mailbox.mails.map(({ messageId, rideId }) => ({ messageId, rideId })),
    statsSeen: () => it.stats() as Promise<StatisticsSeen>,
  });
}
