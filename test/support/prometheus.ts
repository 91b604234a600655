/** A real Prometheus that reads the metrics of a system, where this machine has one. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { endProcess, hasEnded, spawnGuarded } from '../../infra/broker/guard.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import { rulesFile } from '../../infra/observability/files.ts';
import type { Rules } from '../../infra/observability/rules.ts';
import { eventually } from './eventually.ts';

/** Why no Prometheus can be started; null: one can. */
export const noPrometheus = (): string | null =>
  spawnSync('prometheus', ['--version']).status === 0
    ? null
    : 'there is no prometheus (the package of that name in Debian)';

export interface Sample {
  metric: Record<string, string>;
  value: number;
}

export interface Prometheus {
  /** The newest value of each series. @throws Error when the expression is wrong */
  query(expr: string): Promise<Sample[]>;
  /** The names of the alerts that fire now. */
  firing(): Promise<string[]>;
  stop(): Promise<void>;
}

/**
 * Reads the metrics and evaluates the rules every second. Resolves when it has read them all.
 * @param targets addresses of services, by their name
 */
export async function startPrometheus(targets: Record<string, string>, rules: Rules): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'rideflow-prometheus-'));
  const [port = 0] = await freePorts(1);
  await writeFile(join(folder, 'rules.yml'), rulesFile(rules));
  await writeFile(
    join(folder, 'prometheus.yml'),
    stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      scrape_configs: Object.entries(targets).map(([job_name, url]) => ({
        job_name,
        static_configs: [{ targets: [new URL(url).host] }],
      })),
    }),
  );
  const log = join(folder, 'log');
  const out = openSync(log, 'w');
  const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', '--log.level=error'];
  const child = spawnGuarded('prometheus', [...args, `--web.listen-address=127.0.0.1:${port}`], {
    cwd: folder,
    env: process.env,
    out,
  });
  closeSync(out);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await endProcess(child, 5000);
    await rm(folder, { recursive: true, force: true });
  };
  const ask = async (path: string) => (await fetch(url + path)).json() as never;
  const prometheus = {
    stop,
    async query(expr: string) {
      const answer = await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      const { status, error, data } = answer as {
        status: string;
        error?: string;
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      if (status !== 'success') throw new Error(`${expr}: ${error}`);
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    async firing() {
      const { data } = (await ask('/api/v1/alerts')) as {
        data: { alerts: { state: string; labels: Record<string, string> }[] };
      };
      return data.alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels }) => labels.alertname ?? '');
    },
  } satisfies Prometheus;
  try {
    await eventually(async () => {
      if (hasEnded(child)) throw new Error(`prometheus ended: ${readFileSync(log, 'utf8')}`);
      const up = await prometheus.query('up == 1'); // some seconds after it is ready
      if (up.length < Object.keys(targets).length)
        throw new Error('prometheus does not read every target yet');
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return prometheus;
}
