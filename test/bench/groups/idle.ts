/** Measures the idle system. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames } from '../../../infra/system/system.ts';
import { residentMb } from '../../faults/memory.ts';
import { startReading } from '../controls.ts';
import { orders } from '../ground.ts';
import type { Group } from '../group.ts';
import { processorShare } from '../processes.ts';
import { judged, plainRow } from '../table.ts';
import { sum } from '../throughput.ts';

export const idle: Group = {
  name: 'idle',
  what: 'processor time and memory of all idle services',
  seconds: 40,
  quickSeconds: 11,
  async run(ground, { quick }, step) {
    await ground.clear();
    const control = startReading(ground, 'copy-json.ts', orders);
    try {
      step('starting the services');
      const pids = await Promise.all(serviceNames.map((name) => ground.start(name)));
      await sleep(quick ? 2000 : 10_000); // lets the work of the start finish
      step('doing nothing');
      const all = [...pids, control.pid];
      const shares = await processorShare(all, quick ? 5 : 20);
      const memory = await Promise.all(all.map(residentMb));
      const [theirShare, theirMemory] = [shares.pop() as number, memory.pop() as number];
      const list = (figures: number[], digits: number) =>
        serviceNames.map((name, i) => `${name} ${figures[i]?.toFixed(digits)}`).join(', ');
      const [total, largest] = [sum(shares), Math.max(...memory)];
      const name = 'one kafkajs eachBatch copy';
      return [
        plainRow({
          figure: 'processor time of all four services, idle',
          ours: `${total.toFixed(1)} % of a core (${list(shares, 1)})`,
          control: name,
          theirs: `${theirShare.toFixed(1)} %`,
          ...judged(total, { atMost: 2 }),
          data: { shares, theirShare },
        }),
        plainRow({
          figure: 'resident memory of the largest service',
          ours: `${largest.toFixed(0)} MB (${list(memory, 0)})`,
          control: name,
          theirs: `${theirMemory.toFixed(0)} MB`,
          ...judged(largest, { atMost: 100 }),
          data: { memory, theirMemory },
        }),
      ];
    } finally {
      await control.stop();
      await ground.stopServices();
    }
  },
};
