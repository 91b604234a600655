/**
 * The mailbox's own route besides those of MailDev: `GET /fault`, and `PUT /fault {"fault": "later"}` for callers on this
 * machine.
 */
import { isLocal, onlyJson } from '@rideflow/shared/http/local.ts';
import { onlyMethods, Problem, problems } from '@rideflow/shared/http/problem.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import express, { type Express } from 'express';
import { type Fault, type Faulty, faults } from './faults.ts';

export function faultRoutes(state: Faulty): Express {
  const app = express().disable('x-powered-by');
  const answer = () => ({ fault: state.get(), hanging: state.hanging(), faults });
  app
    .route('/fault')
    .get((_request, response) => void response.set('cache-control', 'no-store').json(answer()))
    .put(onlyJson, express.json({ limit: '1kb' }), (request, response) => {
      if (!isLocal(request)) throw new Problem(403, 'Only callers on the same machine can use this address.');
      const { fault } = (request.body ?? {}) as { fault?: unknown };
      if (typeof fault !== 'string' || !Object.hasOwn(faults, fault))
        throw new Problem(400, `fault must be one of ${Object.keys(faults).join(', ')}.`);
      state.set(fault as Fault);
      response.json(answer());
    })
    .all(onlyMethods('GET', 'PUT'));
  app.use(problems(createLogger('mailbox', 'silent'), { bar: '', paths: {} }));
  return app;
}
