/** The rides that the system accepts under three times its peak load. */
import { startFlood } from '../../faults/flood.ts';
import { interleave, spreadOf } from '../compare.ts';
import type { Group } from '../group.ts';
import { judged, perSecond, plainRow, spread } from '../table.ts';

/** The requests in flight, so many that the system is the limit and not the clients. */
const connections = 3000;
/** Customers who wait for their answer before they book again. */
const crowds = [100, 300, 900];

export const overload: Group = {
  name: 'overload',
  what: 'rides accepted at three times the peak load, compared with the peak',
  seconds: 50,
  quickSeconds: null,
  async run(ground, { rounds }, step) {
    await ground.clear();
    for (const name of ['rides', 'transaction'] as const) await ground.start(name);
    const flood = startFlood(ground.system.url('rides'), connections);
    try {
      let peak = 0;
      let best = 0;
      let slowest = 0;
      for (const clients of crowds) {
        step(`${clients} customers at a time`);
        const { rate } = await flood.run({ clients, seconds: 3 });
        if (rate > peak) [peak, best] = [rate, clients];
      }
      const [during, before] = await interleave(
        [
          {
            name: 'at three times the peak',
            measure: async () => {
              const over = await flood.run({ rate: Math.round(3 * peak), seconds: 4 });
              slowest = Math.max(slowest, over.slowest);
              return over.rate;
            },
          },
          {
            name: `${best} customers who wait for each answer`,
            measure: async () => (await flood.run({ clients: best, seconds: 3 })).rate,
          },
        ],
        rounds,
        step,
      );
      if (!during || !before) throw new Error('nothing was measured');
      const goodput = spreadOf(during.rounds.map((rate, i) => rate / (before.rounds[i] as number)));
      return [
        plainRow({
          figure: 'POST /rides accepted at three times the peak',
          ours: perSecond(spreadOf(during.rounds).median),
          control: before.name,
          theirs: perSecond(spreadOf(before.rounds).median),
          ratio: spread(goodput),
          ...judged(goodput.median, { atLeast: 0.98 }),
          data: { during, before },
        }),
        plainRow({
          figure: 'slowest answer at three times the peak, 202 or 503',
          ours: `${(slowest / 1000).toFixed(1)} s`,
          ...judged(slowest / 1000, { atMost: 5 }),
          data: { slowest },
        }),
      ];
    } finally {
      await flood.stop();
      await ground.stopServices();
    }
  },
};
