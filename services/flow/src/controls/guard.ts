/** Who may use the controls. */
import { defaultGateway, isLocal } from '@rideflow/shared/http/local.ts';
import { Problem } from '@rideflow/shared/http/problem.ts';
import type { Request, RequestHandler } from 'express';
import type { ControlConfig } from './settings.ts';

/** Why this caller may not, as a sentence; null where they may. */
export type WhyNot = (request: Pick<Request, 'socket' | 'hostname'>) => string | null;

/** @param gateway of this container, asked for with TEACHING=container alone */
export function whyNot(teaching: ControlConfig['TEACHING'], gateway = defaultGateway): WhyNot {
  if (teaching === 'off')
    return () =>
      'This page shows and changes nothing, since it was not started for teaching: by `npm start` without --no-controls, or with TEACHING=on.';
  const host = teaching === 'container' ? gateway() : null;
  return (request) =>
    isLocal(request, host)
      ? null
      : 'Only a browser on the machine where the system runs, at http://localhost, may change something.';
}

/** Answers 403 to everybody else. */
export const only =
  (why: WhyNot): RequestHandler =>
  (request, _response, next) => {
    const reason = why(request);
    if (reason === null) next();
    else throw new Problem(403, reason);
  };
