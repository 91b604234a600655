/** Restricts access to the API: a bearer token (RFC 6750) and a rate limit for each client, both off by default. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '@rideflow/shared/http/problem.ts';
import type { Express, Request, RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';

export interface Access {
  /** The required token; undefined allows everybody. */
  token?: string | undefined;
  /** Requests per second of one client; 0 means no limit. */
  perSecond: number;
}

/** Guards everything at and below `path`. Must come before its routes. Costs nothing while it is off. */
export function guard(app: Express, path: string, { token, perSecond }: Access): void {
  // The limit comes first, so it also slows down attempts to guess the token.
  if (perSecond > 0) app.use(path, limited(perSecond));
  if (token !== undefined) app.use(path, authorized(token));
}

/**
 * A client is an address, or a /56 network of IPv6. Behind a proxy, all clients have the address of the proxy, so let the
 * proxy limit them. The header fields follow draft-ietf-httpapi-ratelimit-headers.
 */
const limited = (perSecond: number): RequestHandler =>
  rateLimit({
    windowMs: 1000,
    limit: perSecond,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: { xForwardedForHeader: false }, // do not trust these headers, and do not warn about them on the console
    handler: () => {
      const detail = `This address sent more than ${perSecond} requests within one second. Wait a second.`;
      throw new Problem(429, detail, { headers: { 'retry-after': '1' } });
    },
  });

function authorized(token: string): RequestHandler {
  const expected = digest(token);
  return (request, _response, next) => {
    const given = bearerOf(request);
    if (given === undefined)
      throw unauthorized('This service requires the token in its API_TOKEN: Authorization: Bearer <token>.');
    // Compares hashes of equal length in constant time, so the response time reveals nothing about the token.
    if (!timingSafeEqual(digest(given), expected))
      throw unauthorized('The bearer token is wrong.', ', error="invalid_token"');
    next();
  };
}

/** The scheme is case-insensitive (RFC 9110, 11.1). */
const bearerOf = (request: Request) => /^bearer +(\S+) *$/i.exec(request.get('authorization') ?? '')?.[1];

const digest = (text: string) => createHash('sha256').update(text).digest();

const unauthorized = (detail: string, error = '') =>
  new Problem(401, detail, { headers: { 'www-authenticate': `Bearer realm="rideflow"${error}` } });
