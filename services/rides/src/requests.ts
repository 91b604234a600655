/** The answers to requests, as a Prometheus metric: what customers see of this process. */
import type { Express } from 'express';
import { Counter, type Registry } from 'prom-client';

/** Counts the answers below a path, by their status. Call it before anything that may answer. */
export function countRequests(app: Express, path: string, registry: Registry): void {
  const requests = new Counter({
    name: 'rideflow_requests_total',
    help: `Answers to requests to ${path}, by their status`,
    labelNames: ['status'],
    registers: [registry],
  });
  // Without a first value, Prometheus would not see the increase of the first refusal.
  for (const status of [202, 500, 503]) requests.inc({ status }, 0);
  app.use(path, (_request, response, next) => {
    response.on('finish', () => requests.inc({ status: response.statusCode }));
    next();
  });
}
