/** Starts a process, serves its health and metrics, and stops it. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type Express, type Request, type Response } from 'express';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import { type CrashPointState, mountAdmin } from './admin.ts';
import { atMost } from './at-most.ts';
import { type CommonConfig, ConfigError, type commonConfig, given, readConfig } from './config.ts';
import { arm, crashWith } from './crash-points.ts';
import { Feed } from './feed.ts';
import { collectAfterStart, keepNewObjectsYoung } from './garbage-collection.ts';
import { addressesOf, bar, type PageAddresses } from './http/bar.ts';
import { announceEnd, readWhatIsThere } from './http/last-answers.ts';
import { openPort } from './http/open-port.ts';
import { serveLook } from './http/page.ts';
import { answerFailure, onlyMethods } from './http/problem.ts';
import type { Site } from './http/problem-page.ts';
import { createLogger, type Logger } from './log.ts';
import { createRegistry } from './metrics.ts';
import { Pace } from './pace.ts';
import { type ServiceName, topology } from './topology.ts';
import { traceEndpoint } from './tracing/settings.ts';
import type { Tracing } from './tracing/spans.ts';

/**
 * Everything stops within this many milliseconds, after DRAIN_SECONDS. Each step may take three quarters of the remaining
 * time, so the later steps get their turn. If a step does not stop in time, the process logs it and exits with 1.
 */
export const stopDeadline = 4500;
/**
 * The time that running requests have of it. If Kafka does not answer, they cannot finish, and the connections to it take
 * most of the time.
 */
const requestDeadline = { ready: 3000, notReady: 1500 };
const httpServer = 'the HTTP server';
/** The common addresses of every process. */
export const operations: Site['paths'] = {
  '/healthz': 'liveness',
  '/readyz': 'readiness',
  '/metrics': 'metrics for Prometheus',
  '/feed': 'live feed of handled messages',
};

export interface Service<S extends ServiceName = ServiceName> {
  name: S;
  /** Unique per process: `rideflow-transaction-4f2a9c`. The client id of all its connections to Kafka. */
  process: string;
  config: CommonConfig;
  log: Logger;
  metrics: Registry;
  /** Undefined when tracing is off: the SDK of OpenTelemetry is not loaded then. */
  tracing: Tracing | undefined;
  /** Gets what is handled, for people and tools that watch. */
  feed: Feed;
  /** Slow motion, pause and single step; off by default. */
  pace: Pace;
  /** The service's own routes, in addition to /healthz, /readyz, /metrics and /feed. */
  http: Express;
  /** The addresses of all pages, for the bar. */
  pages: PageAddresses;
  /** The addresses that a browser can open here. Each service adds its own; the page for unknown addresses lists them. */
  paths: Site['paths'];
  /** `/readyz` answers 503 with this sentence until it returns null. */
  readyWhen(check: () => string | null): void;
  /** Runs at the stop, in reverse order of registration. */
  onStop(what: string, stop: () => unknown): void;
  /** Ends the process with 1, because it can no longer work. Its supervisor should restart it. */
  fail(reason: string, error?: unknown): void;
}

/**
 * Runs one service until SIGTERM, Ctrl-C or the end of its parent process.
 * Wrong variables end it at once with 1 and one line for each of them.
 */
export async function runService<S extends ServiceName, C extends ReturnType<typeof commonConfig>>(
  name: S,
  shape: C,
  env: NodeJS.ProcessEnv,
  wire: (service: Service<S>, config: CommonConfig & z.output<z.ZodObject<C>>) => Promise<void>,
): Promise<void> {
  keepNewObjectsYoung();
  const notUsed: string[] = [];
  const config = configOrExit(name, shape, env, (line) => notUsed.push(line));
  const log = createLogger(name, config.LOG_LEVEL);
  for (const line of notUsed) log.warn(line);
  const metrics = createRegistry(name);
  const checks: (() => string | null)[] = [];
  const stops: { what: string; stop: () => unknown }[] = [];
  let stopping = false;
  let started = false;
  let announce = () => {};

  async function stop(code: number, why: string) {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    announce();
    feed.changed();
    if (code === 0 && started) await sleep(config.DRAIN_SECONDS * 1000);
    await readWhatIsThere();
    const deadline = performance.now() + stopDeadline;
    let status = code;
    // Stops in reverse order of the start. The HTTP server is the exception: it accepts no new requests while the rest stops.
    for (const { what, stop } of stops
      .reverse()
      .sort((a, b) => Number(b.what === httpServer) - Number(a.what === httpServer))) {
      try {
        const stopped = (async () => stop())();
        if (await atMost((deadline - performance.now()) * 0.75, stopped)) continue;
        status = 1;
        log.error({ what }, 'did not stop in time');
      } catch (error) {
        log.error({ err: error, what }, 'failed to stop');
      }
    }
    log.info('stopped');
    process.exit(status);
  }
  function fail(reason: string, error?: unknown) {
    log.fatal({ err: error }, reason);
    void stop(1, reason);
  }

  process.on('SIGTERM', () => void stop(0, 'SIGTERM'));
  process.on('SIGINT', () => void stop(0, 'SIGINT'));
  process.on('disconnect', () => void stop(0, 'the parent process has ended'));
  process.on('uncaughtException', (error) => fail('unexpected error', error));
  process.on('unhandledRejection', (error) => fail('unexpected error', error));

  const http = express().disable('x-powered-by').set('etag', false);
  const pages = addressesOf(name, config);
  const paths: Site['paths'] = {};
  serveLook(http);
  http.get('/healthz', (_request, response) => void response.json({ status: 'alive' }));
  const failing = () => checks.flatMap((check) => check() ?? []);
  const notReady = () => {
    if (stopping) return ['stopping'];
    return started ? failing() : ['starting'];
  };
  http.get('/readyz', (_request, response) => {
    const waiting = notReady();
    response
      .status(waiting.length ? 503 : 200)
      .json(waiting.length ? { status: 'not ready', waiting } : { status: 'ready' });
  });
  http.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });

  const id = processId(name);
  const { reads, writes } = topology[name];
  const pace = new Pace(() => feed.changed());
  const crash: CrashPointState = { armed: given(env, 'CRASH_AT') ?? null };
  const feed = new Feed(id, () => ({
    service: name,
    pid: process.pid,
    startedAt: performance.timeOrigin,
    guarantee: config.GUARANTEE,
    topic: reads,
    pace: reads && pace.state,
    held: pace.held,
    crashPoint: crash.armed,
    ready: notReady(),
  }));
  http.get('/feed', (request, response) => feed.serve(request, response));
  http.all(Object.keys(operations), onlyMethods('GET'));

  crashWith(config.CRASH_SIGNAL);
  arm(config.CRASH_AT ?? null);
  if (config.ADMIN !== 'off')
    mountAdmin(http, { log, crash, pace: reads && pace, feed, network: config.ADMIN === 'network' });

  const service: Service<S> = {
    name,
    process: id,
    config,
    feed,
    pace,
    log,
    metrics,
    tracing: undefined,
    http,
    pages,
    paths,
    readyWhen: (check) => void checks.push(check),
    onStop: (what, stop) => void stops.push({ what, stop }),
    fail,
  };
  service.onStop('the feed', () => feed.stop()); // after everything else, so the feed also gets the last outcomes
  try {
    const endpoint = traceEndpoint(config);
    // Registers its stop before everything that it traces, so it also sends the last spans.
    if (endpoint !== null && (reads || writes)) {
      const { startOpenTelemetry } = await import('./tracing/opentelemetry.ts');
      service.tracing = startOpenTelemetry(service, endpoint);
    }
    const last = answerFailure(log, {
      bar: bar(pages),
      get paths() {
        return { ...paths, ...operations };
      },
    });
    // Express turns both objects into its own before it calls `last`, which answers unknown paths and errors, also before the
    // service is wired.
    const app = http as unknown as (
      request: object,
      response: object,
      last: (error: unknown) => void,
    ) => void;
    const { server, port, close } = await openPort(
      (request, response) =>
        app(request, response, (error) => last(error, request as Request, response as Response)),
      { host: config.HOST, port: config.PORT, crowd: name === 'rides' },
    );
    announce = announceEnd(server);
    const patience = () => requestDeadline[failing().length > 0 ? 'notReady' : 'ready'];
    service.onStop(httpServer, () => close((connection) => feed.writesTo(connection), patience)); // the feed ends later, with its last word
    log.info({ port, guarantee: config.GUARANTEE }, 'listening');
    await wire(service, config);
    collectAfterStart();
    started = true;
    process.send?.({ ready: name, port });
  } catch (error) {
    fail(`could not start: ${(error as Error).message}`, error);
  }
}

function configOrExit<C extends ReturnType<typeof commonConfig>>(
  name: string,
  shape: C,
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
): CommonConfig & z.output<z.ZodObject<C>> {
  try {
    return readConfig(shape, env, tell) as CommonConfig & z.output<z.ZodObject<C>>;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name} cannot start. Wrong configuration:\n${error.message}\n`);
    process.exit(1);
  }
}

/** A short random id: one of 16 million. */
function processId(name: ServiceName): string {
  return `rideflow-${name}-${randomBytes(3).toString('hex')}`;
}
