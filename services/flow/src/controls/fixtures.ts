/** For tests: the controls on a port of their own, and other processes that note what they are asked. */
import { problems } from '@rideflow/shared/http/problem.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import type { Service } from '@rideflow/shared/service.ts';
import express from 'express';
import { serve } from '../fixtures.ts';
import type { Controls } from '../protocol.ts';
import { mountControls } from './controls.ts';
import type { RunningProcess } from './processes.ts';
import type { ControlConfig } from './settings.ts';
import type { Instance, Supervisor, Wish } from './supervisor.ts';

export interface Listening {
  url: string;
  /** `PUT /admin/pace {"delay":10}` */
  asked: string[];
  close(): Promise<void>;
}

/** Answers each request by what `answer` says, else with 200 and `{}`. */
export async function listen(answer?: (line: string) => [number, unknown] | undefined): Promise<Listening> {
  const app = express().use(express.json());
  const asked: string[] = [];
  app.use((request, response) => {
    const body = request.body === undefined ? '' : ` ${JSON.stringify(request.body)}`;
    const line = `${request.method} ${request.url}${body}`;
    asked.push(line);
    const [status, given] = answer?.(line) ?? [200, {}];
    response.status(status).json(given);
  });
  return { asked, ...(await serve(app)) };
}

export interface TestControls {
  url: string;
  /** Wishes that reached the supervisor. */
  wishes: Wish[];
  /** Sends JSON; the answer with its status. */
  send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Controls & { detail: string } }>;
  close(): Promise<void>;
}

export async function startControls(
  given: Partial<ControlConfig>,
  processes: Partial<Record<string, RunningProcess[]>> = {},
  instances?: Instance[],
): Promise<TestControls> {
  const http = express();
  const log = createLogger('flow', 'silent');
  const stops: (() => unknown)[] = [];
  const wishes: Wish[] = [];
  const supervisor: Supervisor = {
    present: () => instances !== undefined,
    instances: () => instances ?? [],
    broker: () => instances !== undefined,
    onInstances: () => {},
    ask: async (wish) => void wishes.push(wish),
  };
  const nowhere = 'http://127.0.0.1:1';
  mountControls(
    {
      http,
      log,
      config: { PORT: 4004 } as Service['config'],
      onStop: (_what, stop) => void stops.push(stop),
    },
    { TEACHING: 'on', RIDES_URL: nowhere, MAILBOX_URL: nowhere, ...given },
    {
      processes: (service) => processes[service] ?? [],
      supervisor,
      onKill: () => {},
      onFreeze: () => {},
      onThaw: () => {},
      onBrokerEnd: () => {},
      onReset: () => {},
    },
  );
  http.use(problems(log, { bar: '', paths: {} }));
  const { url, close } = await serve(http);
  return {
    url,
    wishes,
    async send(method, path, body) {
      const response = await fetch(`${url}/api${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Controls & { detail: string } };
    },
    async close() {
      for (const stop of stops) await stop();
      await close();
    },
  };
}
