/** A whole system for one test: real broker, real SMTP server, four real processes, free ports, and a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RideRequest } from '@rideflow/shared/messages.ts';
import { type Broker, startBroker } from '../../infra/broker/broker.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import { type ProcessName, System, serviceNames } from '../../infra/system/system.ts';
import { startOrStop } from './create-system.ts';
import { eventually } from './eventually.ts';
import { Log } from './log.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';
import { takeBroker } from './pool/borrow.ts';

export interface TestSystem {
  broker: Broker;
  system: System;
  mailbox: Mailbox;
  /** The topics, read independently of the services. */
  log: Log;
  book(
    ride: RideRequest,
  ): Promise<{ id: string; stored: { topic: string; partition: number; offset: string } }>;
  /** The ride in the API of rides. */
  ride(id: string): Promise<{ status: string } & Record<string, unknown>>;
  stats(): Promise<{ overall: { rides: number; rejected: number } }>;
  metric(name: ProcessName, line: RegExp): Promise<number>;
  /** The logs of the processes, for a failing test. */
  lines: string[];
  stop(): Promise<void>;
}

export interface TestSystemOptions {
  nodes?: 1 | 3;
  /** Starts a different broker than the default one; gets a folder for its data. */
  broker?: (dataDir: string) => Promise<Broker>;
  /** With flow and the controls of its page. */
  flow?: boolean;
  /** Folder of another release whose services are started. */
  code?: string;
  /** Variables for every process. */
  env?: NodeJS.ProcessEnv;
}

/** Starts it, and resolves when all four services are ready. */
export async function startTestSystem(
  extra?: Partial<Record<ProcessName, NodeJS.ProcessEnv>>,
  options: TestSystemOptions = {},
): Promise<TestSystem> {
  const { PATH, KAFKA_TRANSACTION_VERSION } = process.env;
  const folder = await mkdtemp(join(tmpdir(), 'rideflow-'));
  const lines: string[] = [];
  const mailbox = await startMailbox();
  const { nodes = 1 } = options;
  const own = nodes > 1 || process.env.KAFKA_BROKERS;
  const brokerIn =
    options.broker ??
    ((dataDir) => (own ? startBroker({ nodes, dataDir, env: process.env }) : takeBroker(dataDir)));
  const broker = await brokerIn(join(folder, 'kafka'));
  const [rides = 0, transaction = 0, email = 0, analytics = 0, flow = 0] = await freePorts(5);
  const system = new System({
    brokers: broker.brokers,
    ports: { rides, transaction, email, analytics, flow, mailbox: 0, smtp: mailbox.port },
    teaching: options.flow ?? false,
    database: join(folder, 'analytics.sqlite'),
    replicationFactor: nodes,
    env: { PATH, KAFKA_TRANSACTION_VERSION, LOG_LEVEL: 'info', ...options.env },
    ...(extra && { extra }),
    ...(options.code && { code: options.code }),
    onLine: (name, line) => void lines.push(`${name} ${line}`),
    onEvent: () => {},
  });
  const log = new Log(broker.brokers);
  const stop = async () => {
    await system.stop();
    await log.stop();
    await broker.stop();
    await mailbox.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const start = async () => {
    await system.start(options.flow ? [...serviceNames, 'flow'] : serviceNames);
    await log.start();
  };
  await startOrStop(start, stop, lines);
  return {
    broker,
    system,
    mailbox,
    log,
    lines,
    stop,
    async book(ride) {
      const response = await fetch(`${system.url('rides')}/rides`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(ride),
      });
      const body = (await response.json()) as { ride: { id: string }; stored: never };
      if (response.status !== 202)
        throw new Error(`POST /rides answered ${response.status}: ${JSON.stringify(body)}`);
      return { id: body.ride.id, stored: body.stored };
    },
    async ride(id) {
      return (await fetch(`${system.url('rides')}/rides/${id}`)).json() as never;
    },
    async stats() {
      return (await fetch(`${system.url('analytics')}/stats`)).json() as never;
    },
    async metric(name, line) {
      const text = await (await fetch(`${system.url(name)}/metrics`)).text();
      return text
        .split('\n')
        .filter((candidate) => line.test(candidate))
        .reduce((sum, candidate) => sum + Number(candidate.split(' ').at(-1)), 0);
    },
  };
}

export { eventually };
