/**
 * The page for a class: a listener of its own, with which one can look and nothing else. Here are the page, its stream and what is known
 * of a ride; no route of the controls, no dead letters, no address of another process. Everything is bounded, because a whole class
 * comes at once and not everybody in it means well.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { serveLook } from '@rideflow/shared/http/page.ts';
import { Problem, problems } from '@rideflow/shared/http/problem.ts';
import type { Logger } from '@rideflow/shared/log.ts';
import express, { type RequestHandler } from 'express';
import { pageRoutes } from '../page.ts';
import { flowRoutes, type RouteDeps } from '../routes.ts';

const mostConnections = 400;
/** Requests of one address in one second: opening the page takes about six. */
const mostRequests = 60;
/** For the whole head of a request to arrive, in milliseconds. */
const patience = 10_000;

/**
 * Opens the page for students.
 * @param address `http://192.168.1.5:4005`: where to listen, and the only name that a request may use for it
 * @returns stops it
 * @throws Error where nothing can be opened at this address
 */
export async function openForStudents(address: URL, deps: RouteDeps, log: Logger): Promise<() => void> {
  const app = express().disable('x-powered-by').set('etag', false);
  const { forEach, stop } = perSecond(mostRequests);
  app.use(forEach, onlyAt(address), onlyReading);
  serveLook(app);
  flowRoutes(app, { ...deps, students: true });
  pageRoutes(app, [], true);
  const bar = '<nav class="pages" aria-label="Pages of rideflow"><a href="/">Flow</a></nav>';
  app.use(...problems(log, { bar, paths: { '/': 'the flow page' } }));

  const server = createServer({ headersTimeout: patience, requestTimeout: patience }, app);
  server.maxConnections = mostConnections;
  server.listen(Number(address.port), address.hostname.replace(/^\[|\]$/g, ''));
  await once(server, 'listening').catch((error: Error) => {
    throw new Error(`The page for students cannot be opened at ${address.origin}: ${error.message}`);
  });
  return () => {
    stop();
    server.close();
    server.closeAllConnections();
  };
}

/** No DNS rebinding: a page of another site, of which the name leads here, gets nothing. */
const onlyAt =
  ({ host, origin }: URL): RequestHandler =>
  ({ headers }, _response, next) => {
    if (headers.host !== host) throw new Problem(421, `This page is at ${origin} alone.`);
    if (headers.origin !== undefined && headers.origin !== origin)
      throw new Problem(403, 'Pages of other sites get nothing here.');
    next();
  };

const onlyReading: RequestHandler = ({ method }, _response, next) => {
  if (method === 'GET' || method === 'HEAD') return next();
  throw new Problem(405, `This page only watches, so ${method} is not supported. Supported: GET, HEAD.`, {
    headers: { allow: 'GET, HEAD' },
  });
};

function perSecond(most: number): { forEach: RequestHandler; stop: () => void } {
  const counts = new Map<string, number>();
  const timer = setInterval(() => counts.clear(), 1000).unref();
  return {
    stop: () => clearInterval(timer),
    forEach({ socket: { remoteAddress = '' } }, _response, next) {
      const count = (counts.get(remoteAddress) ?? 0) + 1;
      counts.set(remoteAddress, count);
      if (count <= most) return next();
      throw new Problem(429, `More than ${most} requests in one second; try again in a second.`, {
        headers: { 'retry-after': '1' },
      });
    },
  };
}
