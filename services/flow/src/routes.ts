/** What the page asks for: the stream of what happens, one ride, one message. */
import { fieldsProblem } from '@rideflow/shared/http/fields.ts';
import { onlyMethods } from '@rideflow/shared/http/problem.ts';
import { allTopics } from '@rideflow/shared/topology.ts';
import type { Express } from 'express';
import { z } from 'zod';
import type { Archive } from './archive.ts';
import type { Journal } from './journal.ts';
import type { Observer } from './observe/observer.ts';
import { olderMarks } from './observe/older-marks.ts';
import { coordinatesOf } from './observe/recent.ts';
import type { OlderMarks, RidesOfCustomer } from './protocol.ts';
import { createStories } from './stories.ts';

const number = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Of one customer. */
const mostRides = 20;
/** More than any screen shows. */
const mostOffsets = 20_000;
const range = z
  .object({
    topic: z.enum(allTopics()),
    partition: number,
    from: number,
    to: number,
    at: number.nullable().default(null),
  })
  .refine(({ from, to }) => from <= to && to - from <= mostOffsets, {
    error: `from and to must be offsets, to at most ${mostOffsets} after from`,
  });

export interface RouteDeps {
  observer: Observer;
  journal: Journal;
  archive: Archive;
  /** A trace in a tracing tool, with {traceId}. */
  traceUrl?: string | undefined;
  /** For students, who see no mailbox. */
  students?: boolean;
}

export function flowRoutes(app: Express, deps: RouteDeps): void {
  const { observer, journal, students = false } = deps;
  const stories = createStories(deps);

  app
    .route('/events')
    .get((request, response) => journal.serve(request, response, students ? 'student' : 'teacher'))
    .all(onlyMethods('GET'));

  app
    .route('/api/lanes/:topic/:partition')
    .get(({ params, query }, response) => {
      const asked = { ...params, ...query };
      const wanted = range.safeParse(asked);
      if (!wanted.success)
        throw fieldsProblem('This does not say which offsets of a lane to show', wanted.error, asked);
      const { recent, markers } = observer;
      const fateOf = (partition: number, offset: number) => observer.fateOf(partition, offset);
      const marks = olderMarks({ recent, markers, fateOf }, wanted.data);
      response.set('cache-control', 'no-store').json({ marks } satisfies OlderMarks);
    })
    .all(onlyMethods('GET'));

  app
    .route('/api/rides/:id')
    .get(async ({ params }, response) => {
      response.set('cache-control', 'no-store').json(await stories.ofRide(params.id));
    })
    .all(onlyMethods('GET'));

  app
    .route('/api/customers/:id/rides')
    .get(({ params }, response) => {
      const rides = observer.recent.ofCustomer(params.id, mostRides).map(({ ride, request }) => ({
        ride,
        at: request.glance.timestamp,
        coordinates: coordinatesOf(request),
      }));
      response.set('cache-control', 'no-store').json({ rides } satisfies RidesOfCustomer);
    })
    .all(onlyMethods('GET'));

  app
    .route('/api/messages/:topic/:partition/:offset')
    .get(async ({ params }, response) => {
      const { topic, partition, offset } = params;
      response
        .set('cache-control', 'no-store')
        .json(await stories.ofMessage(`${topic}/${partition}/${offset}`));
    })
    .all(onlyMethods('GET'));
}
