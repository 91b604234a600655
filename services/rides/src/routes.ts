/** The HTTP API: validates requests and formats responses. */
import {
  type BatchResult,
  defaultList,
  maxBatchBytes,
  maxList,
  maxRideBytes,
} from '@rideflow/shared/http/api.ts';
import { onlyMethods, Problem } from '@rideflow/shared/http/problem.ts';
import express, { type Express, type Request, type RequestHandler } from 'express';
import { type Item, readArray, readLines } from './batch.ts';
import { checkRequest } from './booking.ts';
import { type Desk, rebuilding } from './desk.ts';
import { parseKey } from './idempotency.ts';
import { rideProblem } from './problem-types.ts';
import type { View } from './view.ts';

const json = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const lines = /^application\/(?:x-ndjson|jsonl|x-jsonlines)\s*(?:;|$)/i;

interface Parts {
  desk: Desk;
  view: View;
  /** The most rides in the view. */
  capacity: number;
  /** Whether the view has read everything that existed when the process started. */
  caughtUp: () => boolean;
}

export function rideRoutes(app: Express, { desk, view, capacity, caughtUp }: Parts): void {
  app
    .route('/rides')
    .post(
      accepts(json, 'application/json'),
      express.json({ type: () => true, limit: maxRideBytes, strict: false }),
      async (request, response) => {
        const key = parseKey(request.get('idempotency-key'));
        const accepted = await desk.book(checkRequest(request.body), key, request.get('traceparent'));
        // Not `json`, whose extra work takes a tenth of the time of this request.
        const text = JSON.stringify(accepted);
        response.writeHead(202, {
          location: `/rides/${accepted.ride.id}`,
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(text),
        });
        response.end(text);
      },
    )
    .get((request, response) => {
      response.set('cache-control', 'no-store').json({ rides: view.list(readLimit(request)) });
    })
    .all(onlyMethods('GET', 'POST'));

  app
    .route('/rides/batch')
    .post(
      accepts(
        { test: (type) => json.test(type) || lines.test(type) },
        'application/json (an array) or application/x-ndjson (one ride per line)',
      ),
      express.text({ type: () => true, limit: maxBatchBytes }),
      async (request, response) => {
        const key = parseKey(request.get('idempotency-key'));
        const read = json.test(request.get('content-type') ?? '') ? readArray : readLines;
        const items = read(typeof request.body === 'string' ? request.body : '');
        const traceparent = request.get('traceparent');
        const results = await Promise.all(
          // The position in the batch is part of the key, so a repeated batch gives the same rides.
          items.map((item, index) =>
            bookOne(desk, item, key === undefined ? key : `${key}\n${index}`, traceparent),
          ),
        );
        response.status(202).json({ results: orAllRefused(results) });
      },
    )
    .all(onlyMethods('POST'));

  app
    .route('/rides/:id')
    .get((request, response) => {
      const state = view.get(request.params.id);
      if (!state) throw unknownRide(request.params.id);
      response.set('cache-control', 'no-store').json(state);
    })
    .all(onlyMethods('GET'));

  function unknownRide(id: string): Problem {
    const shown = JSON.stringify(id.slice(0, 128));
    if (!caughtUp()) return rebuilding(`so it does not know yet whether ride ${shown} exists`);
    return rideProblem(
      'unknown-ride',
      `Ride ${shown} is not known to this service. Only the newest ${capacity.toLocaleString('en')} rides are kept. Use the id that POST /rides returned; GET /rides lists the newest rides.`,
      { more: { known: view.size, capacity } },
    );
  }
}

/** Rejects a body of another media type before it is read (RFC 9110, 15.5.16). */
const accepts =
  (accepted: { test(type: string): boolean }, what: string): RequestHandler =>
  (request, _response, next) => {
    const type = request.headers['content-type'];
    if (type !== undefined && accepted.test(type)) return next();
    const given =
      type === undefined ? 'The request has no Content-Type' : `The body is ${type.slice(0, 100)}`;
    throw new Problem(415, `${given}; ${what} is accepted.`, {
      headers: { accept: what.replaceAll(/ \([^)]*\)/g, '').replace(' or ', ', ') },
    });
  };

function readLimit(request: Request): number {
  const { limit } = request.query;
  if (limit === undefined) return defaultList;
  const count = typeof limit === 'string' && /^\d{1,6}$/.test(limit) ? Number(limit) : 0;
  if (count >= 1 && count <= maxList) return count;
  const detail = `must be a whole number from 1 to ${maxList}`;
  throw new Problem(400, `The parameter limit ${detail}.`, { errors: [{ parameter: 'limit', detail }] });
}

async function bookOne(desk: Desk, item: Item, key?: string, traceparent?: string): Promise<BatchResult> {
  try {
    if ('problem' in item) throw item.problem;
    return { status: 202, ...(await desk.book(checkRequest(item.body), key, traceparent)) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.status, problem: error.toJSON() };
  }
}

/** @throws Problem 503 when Kafka accepted none of the valid rides */
function orAllRefused(results: BatchResult[]): BatchResult[] {
  const failed = results.flatMap((result) =>
    'problem' in result && result.status === 503 ? result.problem : [],
  );
  const worst = failed.find(({ type }) => type.endsWith('#outcome-unknown')) ?? failed[0];
  if (!worst || results.some(({ status }) => status === 202)) return results;
  const { type, title, detail } = worst;
  throw new Problem(503, `No ride of the batch was confirmed as booked. ${detail}`, {
    type,
    title,
    headers: { 'retry-after': '2' },
    more: { results },
  });
}
