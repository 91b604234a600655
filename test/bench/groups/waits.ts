/** The waits between the POST of a ride and its visible decision, from spans. */
import { type Collector, startCollector } from '../../support/collector.ts';
import { eventually } from '../../support/eventually.ts';
import { startClock } from '../clock.ts';
import type { Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { quantile } from '../latency.ts';
import type { Booking } from '../ride-clock.ts';
import { number, plainRow } from '../table.ts';
import { sum } from '../throughput.ts';
import { waits as names, waitsIn } from '../waits.ts';

const rates = [10, 200];

export const waits: Group = {
  name: 'waits',
  what: 'each wait between POST and visible decision at 10 and 200 rides/s, by traces',
  seconds: 75,
  quickSeconds: null,
  extra: 'bench waits',
  async run(ground, { quick, rounds }, step) {
    await ground.clear();
    const collector = await startCollector();
    const clock = startClock<Booking>('ride-clock.ts', ground.brokers, ['ride_confirmed']);
    try {
      const port = await startTraced(ground, collector);
      await clock.ready;
      const book = (rate: number, seconds: number) => clock.follow({ port, rate, seconds });
      step('warming up');
      await book(200, quick ? 1 : 5);
      const found = new Map(rates.map((rate) => [rate, [] as number[][]]));
      for (let round = 1; round <= rounds; round++)
        for (const rate of rates) {
          step(`${rate} rides/s, ${round} of ${rounds}`);
          const rides = await book(rate, quick ? 2 : 4);
          found.get(rate)?.push(...(await eventually(() => rides.map(waitsIn(collector.spans)), 30_000)));
          collector.spans.length = 0;
        }
      return rowsOf(found);
    } finally {
      await clock.stop();
      await ground.stopServices();
      await collector.stop();
    }
  },
};

/** @returns the port of rides */
async function startTraced({ system }: Ground, { url }: Collector): Promise<number> {
  // Every span is kept, and none waits for long.
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: '500',
    OTEL_BSP_MAX_QUEUE_SIZE: '50000',
  };
  for (const name of ['transaction', 'rides'] as const) {
    system.run(name, undefined, env);
    await system.ready(name);
  }
  return Number(new URL(system.url('rides')).port);
}

function rowsOf(found: Map<number, number[][]>) {
  const row = (figure: string, pick: (ride: number[]) => number) => {
    const [ours = '', theirs = ''] = rates.map((rate) => {
      const times = found.get(rate)?.map(pick) ?? [];
      const [p50, p99, mean] = [quantile(times, 0.5), quantile(times, 0.99), sum(times) / times.length];
      return `${number(p50)} ms, p99 ${number(p99)} ms, mean ${number(mean)} ms`;
    });
    return plainRow({ figure, ours: `at 10 rides/s: ${ours}`, control: 'the same, at 200 rides/s', theirs });
  };
  return [
    ...names.map((name, i) => row(name, (ride) => ride[i] as number)),
    row('all, from POST to visible decision', sum),
  ].map((one, i) => (i === 0 ? { ...one, data: Object.fromEntries(found) } : one));
}
