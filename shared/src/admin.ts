/**
 * Faults at run time, for a class: only where `ADMIN=on`, and only for callers on this machine.
 *
 *   curl localhost:4001/admin/crash-point
 *   curl -X PUT localhost:4001/admin/crash-point -H 'content-type: application/json' -d '{"at":"after-produce:3"}'
 *   curl -X DELETE localhost:4001/admin/crash-point
 */
import express, { type Express, type Response } from 'express';
import { arm, crashPoints, parseTrigger } from './crash-points.ts';
import { isLocal } from './http/local.ts';
import type { Logger } from './log.ts';

/** Mounts `/admin/crash-point`: PUT arms a point, DELETE disarms, GET lists the points and what is armed. */
export function mountAdmin(http: Express, log: Logger, armedAtStart: string | null): void {
  let armed = armedAtStart;
  const answer = (response: Response) => void response.json({ armed, points: crashPoints });
  const admin = express.Router();
  admin.use((request, response, next) => {
    if (isLocal(request)) next();
    else refuse(response, 403, 'this address answers callers on its own machine only');
  });
  admin.get('/crash-point', (_request, response) => answer(response));
  // JSON is asked for because no page of another site can send it without being asked first (CORS).
  admin.put('/crash-point', express.json({ type: 'application/json', limit: '1kb' }), (request, response) => {
    try {
      const at = String((request.body as { at?: unknown } | undefined)?.at ?? '');
      arm(parseTrigger(at));
      armed = at;
      log.warn({ at }, 'crash point armed');
      answer(response);
    } catch (error) {
      refuse(response, 400, `"at" ${(error as Error).message}`);
    }
  });
  admin.delete('/crash-point', (_request, response) => {
    arm(null);
    armed = null;
    answer(response);
  });
  http.use('/admin', admin);
}

function refuse(response: Response, status: number, detail: string) {
  const title = status === 403 ? 'Forbidden' : 'Bad Request';
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail }));
}
