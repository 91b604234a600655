/** Everything that the shared runtime needs from a process, without a process, for tests of its parts. */
import { randomUUID } from 'node:crypto';
import { commonConfig, readConfig } from '@rideflow/shared/config.ts';
import { Feed } from '@rideflow/shared/feed.ts';
import { addressesOf } from '@rideflow/shared/http/bar.ts';
import { createRegistry } from '@rideflow/shared/metrics.ts';
import { Pace } from '@rideflow/shared/pace.ts';
import type { Service } from '@rideflow/shared/service.ts';
import { type ServiceName, topology } from '@rideflow/shared/topology.ts';
import express from 'express';
import pino from 'pino';

export interface TestService<S extends ServiceName> extends Service<S> {
  /** Its log lines. */
  lines: Record<string, unknown>[];
  /** Why it gave up, if it did. */
  failures: string[];
  /** The conditions that it still waits for. */
  waiting(): string[];
  /** The sum of a metric over its labels. */
  metric(name: string): Promise<number | undefined>;
  /** Stops everything that was registered, in reverse order. */
  stop(): Promise<void>;
}

export function testService<S extends ServiceName>(
  name: S,
  brokers: string[],
  env: NodeJS.ProcessEnv = {},
): TestService<S> {
  const lines: Record<string, unknown>[] = [];
  const checks: (() => string | null)[] = [];
  const stops: (() => unknown)[] = [];
  const failures: string[] = [];
  const metrics = createRegistry(name);
  const id = `rideflow-${name}-${randomUUID().slice(0, 6)}`;
  const config = readConfig(commonConfig(name, 0), { KAFKA_BROKERS: brokers.join(), ...env });
  const pace = new Pace(() => feed.changed());
  const feed = new Feed(id, () => ({
    service: name,
    pid: process.pid,
    startedAt: performance.timeOrigin,
    guarantee: config.GUARANTEE,
    topic: topology[name].reads,
    pace: pace.state,
    held: pace.held,
    crashPoint: null,
    ready: checks.flatMap((check) => check() ?? []),
  }));
  return {
    name,
    process: id,
    feed,
    pace,
    config,
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    metrics,
    tracing: undefined,
    http: express(),
    pages: addressesOf(name, config),
    paths: {},
    readyWhen: (check) => void checks.push(check),
    onStop: (_what, stop) => void stops.push(stop),
    fail: (reason) => void failures.push(reason),
    lines,
    failures,
    waiting: () => checks.flatMap((check) => check() ?? []),
    async metric(name) {
      const found = await metrics.getSingleMetric(name)?.get();
      if (!found?.values.length) return undefined;
      return found.values.reduce((sum, { value }) => sum + value, 0);
    },
    async stop() {
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}
