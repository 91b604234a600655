/** The charts that the page shows, small below the map and larger among the numbers. */
import type { Sample } from '../../../src/protocol.ts';
import { ago, count, duration } from '../format.ts';
import { view } from '../stream.ts';
import { Chart } from './Chart.tsx';
import { columns, groupsIn } from './series.ts';

/** One pattern per group, the first solid. */
const dashes = [undefined, [7, 3], [2, 3]];

export function rateChart(samples: Sample[], height: number, axes = false) {
  return (
    <Chart
      title="rides/s"
      says={count(samples.at(-1)?.rides ?? 0)}
      data={columns(samples, ({ rides }) => rides)}
      series={[{ label: 'rides/s' }]}
      height={height}
      axes={axes}
    />
  );
}

export function lagChart(samples: Sample[], height: number, axes = false) {
  const groups = groupsIn(samples);
  const newest = samples.at(-1)?.lag ?? {};
  const most = groups.toSorted((a, b) => (newest[b] ?? 0) - (newest[a] ?? 0))[0];
  const says = most && !axes ? `${most} ${count(newest[most] ?? 0)}` : '';
  return (
    <Chart
      title={axes ? 'lag, per group of readers' : 'lag, per reader'}
      says={says}
      data={columns(
        samples,
        ...groups.map(
          (name) =>
            ({ lag }: Sample) =>
              lag[name],
        ),
      )}
      series={groups.map((label, i) => ({
        label,
        says: count(newest[label] ?? 0),
        ...colourOf(label),
        ...(dashes[i] && { dash: dashes[i] }),
      }))}
      height={height}
      axes={axes}
    />
  );
}

export function ageChart(samples: Sample[], height: number, axes = false) {
  const last = samples.findLast((sample) => sample.p50 !== null);
  const { p50 = null, p99 = null } = last ?? {};
  const age = (samples.at(-1)?.at ?? 0) - (last?.at ?? 0);
  const when = age < 1500 ? 'last second' : ago(age);
  return (
    <Chart
      title={axes ? 'from request to decision, ms' : 'request to decision'}
      says={
        p50 === null || p99 === null
          ? 'none measured lately'
          : `${axes || age >= 1500 ? `${when}: ` : ''}p50 ${duration(Math.round(p50))}, p99 ${duration(Math.round(p99))}`
      }
      data={columns(
        samples,
        (sample) => sample.p50,
        (sample) => sample.p99,
      )}
      series={[{ label: 'p50' }, { label: 'p99', dash: [3, 3] }]}
      height={height}
      axes={axes}
    />
  );
}

/** A group is drawn in the colour of the first of its processes that lives. */
function colourOf(service: string): { colour?: number } {
  const colour = view
    .peek()
    ?.processes.find((process) => process.service === service && process.state !== 'gone')?.colour;
  return colour === undefined ? {} : { colour };
}

/** Retries, and rebalances dashed. */
export function unrestChart(samples: Sample[], height: number) {
  const all = (value: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + value(sample), 0);
  const retries = all((sample) => sample.retries);
  const rebalances = all((sample) => sample.rebalances);
  return (
    <Chart
      title="retries and rebalances"
      says={`${count(retries)} and ${count(rebalances)} in five minutes`}
      data={columns(
        samples,
        (sample) => sample.retries,
        (sample) => sample.rebalances,
      )}
      series={[{ label: 'retries' }, { label: 'rebalances', dash: [3, 3] }]}
      height={height}
      axes
    />
  );
}
