/** Who may use the interface, and how often: a bearer token (RFC 6750) and a limit per client, both off by default. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '@rideflow/shared/http/problem.ts';
import type { Express, Request, RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';

export interface Access {
  /** What a request has to bring; undefined lets everybody in. */
  token?: string | undefined;
  /** Requests per second of one client; 0 is as many as it likes. */
  perSecond: number;
}

/** Guards everything at and below `path`. Must come before its routes. What is off costs nothing. */
export function guard(app: Express, path: string, { token, perSecond }: Access): void {
  // The limit first: it also slows down whoever guesses tokens.
  if (perSecond > 0) app.use(path, limited(perSecond));
  if (token !== undefined) app.use(path, authorized(token));
}

/**
 * A client is an address, or a /56 network of IPv6. Behind a proxy that is the proxy: have it limit its clients itself.
 * The fields are those of draft-ietf-httpapi-ratelimit-headers.
 */
const limited = (perSecond: number): RequestHandler =>
  rateLimit({
    windowMs: 1000,
    limit: perSecond,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: { xForwardedForHeader: false }, // not believed, and no reason to write to the console
    handler: () => {
      const detail = `More than ${perSecond} requests within one second came from this address. Wait a second.`;
      throw new Problem(429, detail, { headers: { 'retry-after': '1' } });
    },
  });

function authorized(token: string): RequestHandler {
  const expected = digest(token);
  return (request, _response, next) => {
    const given = bearerOf(request);
    if (given === undefined)
      throw unauthorized(
        'This service wants a token: Authorization: Bearer <token>, the one in its API_TOKEN.',
      );
    // Equal lengths and no early end, so that the time of the answer says nothing about the token.
    if (!timingSafeEqual(digest(given), expected))
      throw unauthorized('The bearer token is not the one of this service.', ', error="invalid_token"');
    next();
  };
}

/** The scheme is case-insensitive (RFC 9110, 11.1). */
const bearerOf = (request: Request) => /^bearer +(\S+) *$/i.exec(request.get('authorization') ?? '')?.[1];

const digest = (text: string) => createHash('sha256').update(text).digest();

const unauthorized = (detail: string, error = '') =>
  new Problem(401, detail, { headers: { 'www-authenticate': `Bearer realm="rideflow"${error}` } });
