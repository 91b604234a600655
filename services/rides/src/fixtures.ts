/** For tests: the real HTTP API over a log in memory instead of Kafka. */
import type { AddressInfo } from 'node:net';
import { bar } from '@rideflow/shared/http/bar.ts';
import { serveLook } from '@rideflow/shared/http/page.ts';
import { problems } from '@rideflow/shared/http/problem.ts';
import type { Publisher } from '@rideflow/shared/kafka/publish.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import type { RideConfirmed, RideDetails } from '@rideflow/shared/messages.ts';
import express from 'express';
import { Registry } from 'prom-client';
import { type Access, guard } from './access.ts';
import { createDesk } from './desk.ts';
import { refuseWhenLate } from './lateness.ts';
import { pageRoutes, paths } from './pages.ts';
import { countRequests } from './requests.ts';
import { rideRoutes } from './routes.ts';
import { createView } from './view.ts';

export type Reader = (ride: RideDetails, offset: number) => void;

/** One partition of `ride_details`, and its followers. */
export class FakeLog {
  readonly rides: RideDetails[] = [];
  readonly readers = new Set<Reader>();
  /** The error of publishing, instead of success. */
  failure: Error | null = null;
  /** Delays the answers of `publish` and what followers see, until it is set to null and resolved. */
  gate: Promise<unknown> | null = null;

  readonly publisher: Pick<Publisher, 'publish'> = {
    publish: async (topic, message) => {
      if (this.failure) throw this.failure;
      const ride = topic.schema.parse(message) as unknown as RideDetails;
      const offset = this.rides.push(ride) - 1;
      await (this.gate ?? new Promise(setImmediate));
      for (const reader of this.readers) reader(ride, offset);
      return at(offset);
    },
  };
}

export const at = (offset: number, topic = 'ride_details') => ({
  topic,
  partition: 0,
  offset: String(offset),
});

/** A rides process over the log. It starts with the existing messages. */
export async function startRides(
  log = new FakeLog(),
  { capacity = 100, caughtUp = true, access = { perSecond: 0 } as Access, lateness = (): number => 0 } = {},
) {
  const view = createView(capacity);
  const state = { caughtUp };
  let read = 0;
  const reader: Reader = (value, offset) => {
    view.request({
      value,
      identity: value.id,
      coordinates: at(offset),
      timestamp: Date.parse(value.requested_at),
    });
    read = Math.max(read, offset + 1);
  };
  log.rides.forEach(reader);
  log.readers.add(reader);
  const follower = {
    caughtUp: () => state.caughtUp,
    reached: async ({ offset }: { offset: string }) => read > Number(offset),
  };
  const app = express().disable('x-powered-by').set('etag', false);
  const desk = createDesk(log.publisher, follower, view, 'example.com');
  app.get('/readyz', (_request, response) => void response.json({ status: 'ready' }));
  const metrics = new Registry();
  countRequests(app, '/rides', metrics);
  refuseWhenLate(app, ['/rides', '/rides/batch'], lateness);
  guard(app, '/rides', access);
  rideRoutes(app, { desk, view, capacity, caughtUp: follower.caughtUp });
  serveLook(app);
  const pages = { flow: 'http://localhost:4004', rides: '', analytics: 'http://localhost:4003' };
  pageRoutes(app, pages, 'example.com');
  app.use(problems(createLogger('rides', 'silent'), { bar: bar(pages), paths }));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    view,
    state,
    metrics,
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    stop() {
      log.readers.delete(reader);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

export const request = { customer_id: 'user_1', location: { lat: 12.97, long: 77.59 } };

export const ride = (id: string, more: Partial<RideDetails> = {}): RideDetails => ({
  id,
  ...request,
  customer_email: 'user_1@example.com',
  requested_at: '2026-01-01T12:00:00.000Z',
  ...more,
});

export const decision = (id: string, more: Partial<RideConfirmed> = {}): RideConfirmed => ({
  ...ride(id),
  status: 'confirmed',
  payment_status: 'paid',
  alloted_driver: 'driver_4',
  pickup_time: '12mins',
  pickup_minutes: 12,
  reason: null,
  decided_at: '2026-01-01T12:00:00.009Z',
  ...more,
});
