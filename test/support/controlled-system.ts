/**
 * A whole system as `npm start` runs it, with its mailbox, and with the part that starts, ends and resets processes for the
 * page.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker } from '../../infra/broker/broker.ts';
import { processNames, type System } from '../../infra/system/system.ts';
import { Wishes } from '../../infra/system/wishes.ts';
import { createSystem, startOrStop } from './create-system.ts';
import { takeBroker } from './pool/borrow.ts';

export interface ControlledSystem {
  broker: Broker;
  system: System;
  /** The logs and events of the processes. */
  lines: string[];
  /** Rides in the statistics of analytics. */
  counted(): Promise<number>;
  /** The mails in the mailbox. */
  mails(): Promise<{ messageId: string; headers: Record<string, string>; text: string }[]>;
  stop(): Promise<void>;
}

/** Resolves when everything is ready. */
export async function startControlledSystem(): Promise<ControlledSystem> {
  const folder = await mkdtemp(join(tmpdir(), 'rideflow-'));
  const lines: string[] = [];
  const broker = await takeBroker(join(folder, 'kafka'));
  const database = join(folder, 'analytics.sqlite');
  const env = { PATH: process.env.PATH };
  const system = await createSystem(broker.brokers, {
    database,
    teaching: true,
    env,
    onLine: (name, line) => void lines.push(`${name} ${line}`),
    onEvent: ({ name, what, detail }) => void lines.push(`${name} ${what} ${detail}`),
    onChange: () => wishes.tellInstances(),
    onMessage: (child, message) => wishes.take(child, message),
  });
  const tell = (line: string) => void lines.push(line);
  const wishes = new Wishes({
    system,
    brokers: broker.brokers,
    broker,
    database,
    env,
    mayForget: true,
    tell,
  });
  const stop = async () => {
    await system.stop();
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const json = async (url: string) => (await fetch(url)).json() as never;
  await startOrStop(() => system.start(processNames), stop, lines);
  return {
    broker,
    system,
    lines,
    stop,
    counted: async () =>
      ((await json(`${system.url('analytics')}/stats`)) as { overall: { rides: number } }).overall.rides,
    mails: () => json(`${system.url('mailbox')}/email`),
  };
}
