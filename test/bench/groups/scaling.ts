/** transaction with more partitions, and with more processes. */
import { type Compared, interleave, spreadOf } from '../compare.ts';
import { fill } from '../fill.ts';
import type { Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { endOf } from '../progress.ts';
import { perSecond, plainRow } from '../table.ts';
import { throughput } from '../throughput.ts';

const total = 250_000;

export const scaling: Group = {
  name: 'scaling',
  what: 'transaction with 1, 3 and 12 partitions, and with 1, 2 and 3 processes',
  seconds: 65,
  quickSeconds: null,
  async run(ground, _plan, step) {
    const partitions = [1, 3, 12];
    const rates: number[] = [];
    for (const count of partitions) {
      step(`${count} partitions`);
      await ground.clear(count);
      await fill(ground.kafka, 'ride_details', total, count);
      const measured = await interleave([{ name: '', measure: () => decide(ground, 1) }], 2, () => {});
      rates.push(middle(measured[0]));
    }
    await ground.clear();
    await fill(ground.kafka, 'ride_details', total);
    const processes = [1, 2, 3];
    const sides = processes.map((count) => ({
      name: `${count} processes`,
      measure: () => decide(ground, count),
    }));
    const measured = await interleave(sides, 2, step);
    return [
      plainRow({
        figure: `transaction with ${partitions.join(', ')} partitions`,
        ours: rates.map(perSecond).join(', '),
        data: rates,
      }),
      plainRow({
        figure: `transaction as ${processes.join(', ')} processes, 3 partitions`,
        ours: measured.map((side) => perSecond(middle(side))).join(', '),
        data: measured,
      }),
    ];
  },
};

const middle = (side?: Compared<number>) => spreadOf(side?.rounds ?? []).median;

async function decide(ground: Ground, processes: number): Promise<number> {
  await ground.forget('transaction');
  await ground.empty('ride_confirmed');
  const pids = [await ground.start('transaction', { wait: false })];
  while (pids.length < processes) pids.push(await ground.startAnother('transaction'));
  try {
    const done = () => endOf(ground.admin, 'ride_confirmed');
    // The group finds its members first.
    const warm = processes === 1 ? 1 : 2;
    return (await throughput({ done, total, pids, warm, window: 1.5 })).rate;
  } finally {
    await ground.stopServices();
  }
}
