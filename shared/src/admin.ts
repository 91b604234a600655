/**
 * Faults and pace at run time, for teaching. With `ADMIN=on`, only callers on this machine can use them; with `ADMIN=network`,
 * callers in its private network too.
 *
 *   curl localhost:4001/admin/crash-point
 *   curl -X PUT localhost:4001/admin/crash-point -H 'content-type: application/json' -d '{"at":"after-produce:3"}'
 *   curl -X DELETE localhost:4001/admin/crash-point
 *   curl -X PUT localhost:4001/admin/pace -H 'content-type: application/json' -d '{"step":true}'
 *   curl -X POST localhost:4001/admin/step -H 'content-type: application/json'
 */
import express, { type Express, type RequestHandler, Router } from 'express';
import { arm, crashPoints, parseTrigger } from './crash-points.ts';
import type { Feed } from './feed.ts';
import { isLocal, onlyJson } from './http/local.ts';
import { isNeighbour } from './http/neighbour.ts';
import { onlyMethods, Problem } from './http/problem.ts';
import type { Logger } from './log.ts';
import { type Pace, parsePace } from './pace.ts';

export interface CrashPointState {
  /** `after-produce:3`, as requested. */
  armed: string | null;
}

export interface AdminOptions {
  log: Logger;
  crash: CrashPointState;
  /** Null if the service reads no messages, so it has no pace. */
  pace: Pace | null;
  feed: Feed;
  /** Whether callers in the private network are allowed too. */
  network: boolean;
}

/** Mounts `/admin/crash-point`, and, if there is a pace, `/admin/pace` and `/admin/step`. */
export function mountAdmin(http: Express, { log, crash, pace, feed, network }: AdminOptions): void {
  const admin = Router();
  admin.use((request, _response, next) => {
    if (isLocal(request) || (network && isNeighbour(request))) return next();
    const whom = network ? 'callers in its own network' : 'callers on the same machine';
    throw new Problem(403, `Only ${whom} can use this address.`);
  });
  admin.use(onlyJson, express.json({ type: 'application/json', limit: '1kb' }));

  const setCrashPoint = (at: string | null) => {
    arm(at === null ? null : understood('"at" ', () => parseTrigger(at)));
    crash.armed = at;
    log.warn({ at }, at === null ? 'crash point disarmed' : 'crash point armed');
    feed.changed();
  };
  const showCrashPoint: RequestHandler = (_request, response) =>
    void response.json({ armed: crash.armed, points: crashPoints });
  admin
    .route('/crash-point')
    .get(showCrashPoint)
    .put((request, _response, next) => {
      setCrashPoint(String((request.body as { at?: unknown } | undefined)?.at ?? ''));
      next();
    }, showCrashPoint)
    .delete((_request, _response, next) => {
      setCrashPoint(null);
      next();
    }, showCrashPoint)
    .all(onlyMethods('GET', 'PUT', 'DELETE'));

  if (pace) mountPace(admin, pace, log);
  const paths = pace ? '/admin/crash-point, /admin/pace and /admin/step' : '/admin/crash-point';
  admin.use(({ baseUrl, path }) => {
    const what = `Available here: ${paths}. Only a service that reads messages has a pace.`;
    throw new Problem(404, `The path ${baseUrl}${path} does not exist. ${what}`);
  });
  http.use('/admin', admin);
}

/**
 * PUT takes `{delay?, paused?, step?}`. All of them return the pace and the messages that it holds. `/step` also returns the
 * message that it released, or null if none was waiting for a step: there was nothing to read, or the process was busy.
 */
function mountPace(admin: Router, pace: Pace, log: Logger) {
  const show: RequestHandler = (_request, response) => void response.json({ ...pace.state, held: pace.held });
  admin
    .route('/pace')
    .get(show)
    .put((request, _response, next) => {
      pace.set(understood('', () => parsePace(request.body)));
      log.warn(pace.state, 'pace set');
      next();
    }, show)
    .all(onlyMethods('GET', 'PUT'));
  admin
    .route('/step')
    .post((_request, response) => {
      const { paused, step } = pace.state;
      if (!step) throw new Problem(409, 'Step mode is off. Send PUT /admin/pace with {"step":true} first.');
      if (paused)
        throw new Problem(409, 'The process is paused. Send PUT /admin/pace with {"paused":false} first.');
      const stepped = pace.step();
      response.json({ ...pace.state, stepped, held: pace.held });
    })
    .all(onlyMethods('POST'));
}

/** @throws Problem 400 with what is wrong and what is accepted */
function understood<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Problem(400, `${what}${(error as Error).message}`);
  }
}
