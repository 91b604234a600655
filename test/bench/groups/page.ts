/** The cost of the flow page in a browser, at 2,000 rides per second and at none. */
import type { Page } from 'playwright-core';
import { freePorts } from '../../../infra/broker/ports.ts';
import { serviceNames } from '../../../infra/system/system.ts';
import { startFlood } from '../../faults/flood.ts';
import { browserThere, startBrowser } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { interleave, spreadOf } from '../compare.ts';
import type { Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { atRest, processorShare, processorTime } from '../processes.ts';
import { committedBy, endOf } from '../progress.ts';
import { judged, number, perSecond, plainRow, spread } from '../table.ts';

const asked = 2000;

export const page: Group = {
  name: 'page',
  what: 'the flow page at 2,000 rides per second: its frames, and its cost for the others',
  seconds: 110,
  quickSeconds: null,
  extra: 'bench extra',
  async run(ground, { rounds }, step) {
    if (!browserThere) return [];
    await ground.clear();
    // Without mail, which alone would need more than a core at this rate.
    for (const name of serviceNames) if (name !== 'email') await ground.start(name);
    const [port = 0] = await freePorts(1);
    const flood = startFlood(ground.system.url('rides'), 500);
    const rate = async () => {
      await settled(ground); // the rest of the previous round does not count
      return flood.run({ rate: asked, seconds: 5 });
    };
    try {
      await rate(); // warm
      const [looked, alone] = await interleave(
        [
          {
            name: 'with the page',
            async measure() {
              const flow = ground.system.run('flow', { as: 'flow', port }, {});
              await ground.system.ready('flow', 60_000, `http://localhost:${port}`);
              const browser = await startBrowser();
              try {
                const tab = await browser.newPage({ viewport: { width: 1280, height: 720 } });
                await tab.goto(`http://localhost:${port}`);
                await tab.locator('.equation').waitFor();
                await settled(ground);
                await atRest(flow.pid);
                const before = processorTime(flow.pid);
                const [{ rate: accepted }, frames] = await Promise.all([rate(), framesPerSecond(tab)]);
                return { accepted, frames, cpu: (processorTime(flow.pid) - before) / 5 };
              } finally {
                await browser.close();
                await flow.stop();
              }
            },
          },
          {
            name: 'no page open, flow not started',
            measure: async () => ({ accepted: (await rate()).rate, frames: 0, cpu: 0 }),
          },
        ],
        rounds,
        step,
      );
      if (!looked || !alone) throw new Error('nothing was measured');
      const ratio = spreadOf(
        looked.rounds.map(({ accepted }, i) => accepted / (alone.rounds[i]?.accepted as number)),
      );
      const middle = (figures: number[]) => spreadOf(figures).median;
      const frames = middle(looked.rounds.map(({ frames }) => frames));
      const share = 100 * middle(looked.rounds.map(({ cpu }) => cpu));
      step('nothing to do');
      const flow = ground.system.run('flow', { as: 'flow', port }, {});
      await ground.system.ready('flow', 60_000, `http://localhost:${port}`);
      await settled(ground);
      await atRest(flow.pid);
      await processorShare([flow.pid], 8); // flow polls active partitions more often for a while
      const [idle = 0] = await processorShare([flow.pid], 10);
      await flow.stop();
      return [
        plainRow({
          figure: `rides accepted of ${asked} a second, without mail, with the flow page open`,
          ours: perSecond(middle(looked.rounds.map(({ accepted }) => accepted))),
          control: alone.name,
          theirs: perSecond(middle(alone.rounds.map(({ accepted }) => accepted))),
          ratio: spread(ratio),
          ...judged(ratio.median, { atLeast: 0.95 }),
          data: { looked, alone },
        }),
        plainRow({
          figure: 'frames that the page draws meanwhile',
          ours: `${number(frames)} per second; flow takes ${number(share)} % of a core`,
          ...judged(frames, { atLeast: 30 }),
        }),
        plainRow({
          figure: 'processor time of flow, idle',
          ours: `${idle.toFixed(1)} % of a core`,
          ...judged(idle, { atMost: 1 }),
        }),
      ];
    } finally {
      await flood.stop();
      await ground.stopServices();
    }
  },
};

/** Resolves when analytics, the last reader, has no lag. */
async function settled({ admin }: Ground): Promise<void> {
  await eventually(async () => {
    const [committed, end] = [
      await committedBy(admin, 'analytics', 'ride_confirmed'),
      await endOf(admin, 'ride_confirmed'),
    ];
    if (committed < end) throw new Error(`analytics has a lag of ${end - committed} messages`);
  }, 120_000);
}

/** Over four seconds, as counted by the browser. */
function framesPerSecond(tab: Page): Promise<number> {
  return tab.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const start = performance.now();
        let frames = 0;
        const next = () => {
          frames++;
          const passed = performance.now() - start;
          if (passed < 4000) requestAnimationFrame(next);
          else resolve((frames / passed) * 1000);
        };
        requestAnimationFrame(next);
      }),
  );
}

/** The process of the browser. */
declare function requestAnimationFrame(draw: () => void): number;
