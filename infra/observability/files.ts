/** Every generated file, by its path below infra/observability. */
import { stringify } from 'yaml';
import { dashboards } from './dashboards.ts';
import { toDashboard } from './panels.ts';
import { type Rules, rules, sectionOf } from './rules.ts';

export function generatedFiles(): Map<string, string> {
  return new Map([
    ['rules.yml', rulesFile(rules())],
    ...dashboards.map((plan): [string, string] => [
      `dashboards/${plan.name}.json`,
      `${JSON.stringify(toDashboard(plan), null, 2)}\n`,
    ]),
  ]);
}

/** The rules as Prometheus reads them. */
export function rulesFile({ records, alerts }: Rules): string {
  const head =
    '# The alert rules, for `rule_files` of Prometheus.\n' +
    '# Made by `npm run observability`: change infra/observability/rules.ts, not this file.\n\n';
  const group = {
    name: 'rideflow',
    rules: [
      ...Object.entries(records).map(([record, expr]) => ({ record, expr })),
      ...alerts.map(({ name, expr, for: holds, severity, summary, fault }) => ({
        alert: name,
        expr,
        ...(holds && { for: holds }),
        labels: { severity, system: 'rideflow' },
        annotations: { summary, runbook: `infra/RUNBOOK.md#${sectionOf(name)}`, fault },
      })),
    ],
  };
  return head + stringify({ groups: [group] }, { lineWidth: 0 });
}
