import { once } from 'node:events';
import { answers } from '../../infra/broker/ports.ts';
import { eventually } from '../support/eventually.ts';
import type { LoadMark, LoadOrder } from './http-load.ts';
import { processorTime } from './processes.ts';
import { startProgram } from './program.ts';
import type { Measured } from './throughput.ts';

export interface HttpLoad {
  pid: number;
  /** Measures one server under load. @throws Error when it rejected a request */
  measure(order: LoadOrder, pid: number): Promise<Measured>;
  stop(): Promise<void>;
}

/** The load generator for all servers. */
export function startHttpLoad(): HttpLoad {
  const { pid, process, stop } = startProgram('http-load.ts');
  return {
    pid,
    stop,
    async measure(order, server) {
      process.send(order);
      const [begun] = (await once(process, 'message')) as [LoadMark];
      const before = processorTime(server);
      const [end] = (await once(process, 'message')) as [LoadMark];
      const used = processorTime(server) - before;
      await once(process, 'message');
      const refused = Object.entries(end.refused).map(([status, count]) => `${count} times ${status}`);
      if (refused.length > 0) throw new Error(`requests were rejected: ${refused.join(', ')}`);
      const count = end.answered - begun.answered;
      return { rate: (count / (end.at - begun.at)) * 1000, cpu: (used / count) * 1e6 };
    },
  };
}

/** Resolves when something listens there. */
export const listening = (port: number) =>
  eventually(async () => {
    if (!(await answers('127.0.0.1', port))) throw new Error(`nothing listens on port ${port}`);
  });
