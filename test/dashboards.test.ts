/** The expressions of the dashboards and alerts against real services under load. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dashboards } from '../infra/observability/dashboards.ts';
import { filledIn, readsOf } from '../infra/observability/promql.ts';
import { rules } from '../infra/observability/rules.ts';
import { serviceNames } from '../infra/system/names.ts';
import { type Load, startLoad } from './faults/load.ts';
import { eventually } from './support/eventually.ts';
import { noPrometheus, type Prometheus, startPrometheus } from './support/prometheus.ts';
import { startTestSystem, type TestSystem } from './support/system.ts';

const { alerts, records } = rules();
const shown = dashboards.flatMap(({ title, numbers = [], rows }) =>
  [...numbers, ...Object.values(rows).flat()].flatMap((panel) =>
    Object.values(panel.shows).map((expr) => ({ where: `${title}: ${panel.title}`, expr })),
  ),
);
const missing = noPrometheus();
if (missing) console.log(`Skipped: the values of the dashboards. On this machine ${missing}.`);

let it: TestSystem;
let load: Load;
beforeAll(async () => {
  it = await startTestSystem();
  load = startLoad(() => [it.system.url('rides')], 20, [], 1);
});
afterAll(async () => {
  load?.abandon();
  await it?.stop();
});

test('each metric that an expression reads is in the metrics of a service, with its labels', async () => {
  const expressions = [
    ...shown,
    ...Object.entries(records).map(([where, expr]) => ({ where, expr })),
    ...alerts.map(({ name, expr }) => ({ where: name, expr })),
  ];
  await eventually(async () => {
    const samples = await scraped();
    for (const { where, expr } of expressions) expectIn(samples, where, expr);
  });
});

(missing ? test.skip : test)(
  'each expression of the dashboards has a value in Prometheus under load',
  async () => {
    const targets = Object.fromEntries(serviceNames.map((name) => [name, it.system.url(name)]));
    const prometheus: Prometheus = await startPrometheus(targets, rules());
    try {
      for (const { where, expr } of shown)
        await eventually(async () => {
          const values = (await prometheus.query(filledIn(expr, '10s'))).map(({ value }) => value);
          expect([where, expr, values.some(Number.isFinite)]).toEqual([where, expr, true]);
        });
      await eventually(async () => expect(await prometheus.firing()).toEqual([]));
    } finally {
      await prometheus.stop();
    }
  },
);

interface Sample {
  name: string;
  labels: Record<string, string>;
}

function expectIn(samples: Sample[], where: string, expr: string): void {
  const { selectors, grouping } = readsOf(filledIn(expr));
  const known = new Set(['job', 'instance']); // Prometheus adds them
  const read = selectors.filter(({ metric }) => metric !== 'ALERTS' && !(metric in records));
  for (const { metric, labels } of read) {
    const fits = samples.filter(
      (sample) =>
        sample.name === metric &&
        Object.entries(labels).every(([label, value]) =>
          value === null ? label in sample.labels : sample.labels[label] === value,
        ),
    );
    expect([where, metric, labels, fits.length > 0]).toEqual([where, metric, labels, true]);
    for (const label of fits.flatMap((sample) => Object.keys(sample.labels))) known.add(label);
  }
  if (read.length > 0) expect([where, grouping.filter((label) => !known.has(label))]).toEqual([where, []]);
}

/** The metrics of all services. */
async function scraped(): Promise<Sample[]> {
  const texts = await Promise.all(
    serviceNames.map(async (name) => (await fetch(`${it.system.url(name)}/metrics`)).text()),
  );
  return texts
    .join('\n')
    .split('\n')
    .flatMap((line) => {
      const [, name, labels = ''] = /^([a-z_]\w*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
      if (!name) return [];
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      return [{ name, labels: Object.fromEntries(pairs.map(([, label, value]) => [label, value])) }];
    });
}
