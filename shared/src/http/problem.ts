/** Answers to failed HTTP requests: problem details (RFC 9457), or a page for a browser, never a stack trace. */
import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Logger } from '../log.ts';
import type { ProblemDocument } from './api.ts';
import { securityHeaders } from './html.ts';
import { problemPage, type Site } from './problem-page.ts';

/** One error: a `pointer` (RFC 6901) into the body, or the name of a query parameter or header. */
export type WrongField = NonNullable<ProblemDocument['errors']>[number];

export interface ProblemOptions {
  /** A URI reference that identifies the type of problem; `about:blank` when the status is enough. */
  type?: string;
  title?: string;
  errors?: WrongField[];
  headers?: Record<string, string>;
  /** More members of the problem, as RFC 9457 allows. */
  more?: Record<string, unknown>;
}

/** Becomes the answer when a handler before `problems` throws it. */
export class Problem extends Error {
  override name = 'Problem';
  readonly status: number;
  readonly options: ProblemOptions;

  /** @param detail one sentence for a person: what is wrong with the request and what is accepted */
  constructor(status: number, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.status = status;
    this.options = options;
  }

  toJSON(): ProblemDocument {
    const { type = 'about:blank', title = STATUS_CODES[this.status] ?? 'Error', errors, more } = this.options;
    return { type, title, status: this.status, detail: this.message, ...(errors && { errors }), ...more };
  }
}

export function sendProblem(response: Response, problem: Problem): void {
  // Not `send`: it adds a charset, which this type does not have (RFC 9457, RFC 8259).
  const body = Buffer.from(JSON.stringify(problem));
  response.writeHead(problem.status, {
    'cache-control': 'no-store',
    vary: 'accept',
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'content-length': body.length,
    ...problem.options.headers,
  });
  response.end(body);
}

/** Answers 405 with the supported methods (RFC 9110, 15.5.6), and OPTIONS with the same list. */
export const onlyMethods =
  (...methods: string[]): RequestHandler =>
  (request, response) => {
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
    if (request.method === 'OPTIONS') return void response.set('allow', allow).status(204).end();
    throw new Problem(405, `${request.method} is not supported here. Supported: ${allow}.`, {
      headers: { allow },
    });
  };

/**
 * Answers a request without a route (`error` is undefined) or with an error.
 * @param site the valid addresses, at the time of the request
 */
export function answerFailure(log: Logger, site: Site) {
  return (error: unknown, request: Request, response: Response): void => {
    // A started answer cannot be replaced. Ending the connection is the only way to show that it is incomplete.
    if (response.headersSent) return void request.socket.destroy();
    const page = wantsPage(request);
    const nothing = error === undefined || error === null;
    const problem = nothing ? nothingAt(request.path, page ? [] : Object.keys(site.paths)) : toProblem(error);
    if (problem.status >= 500 && !(error instanceof Problem))
      log.error({ err: error, method: request.method, path: request.path }, 'a request failed');
    if (page) sendPage(response, problem, site);
    else sendProblem(response, problem);
  };
}

/** The last two handlers of an app: for unknown paths, and for errors. */
export function problems(log: Logger, site: Site): [RequestHandler, ErrorRequestHandler] {
  const answer = answerFailure(log, site);
  return [
    (request, response) => answer(undefined, request, response),
    (error, request, response, _next) => answer(error, request, response),
  ];
}

/** @param paths the valid paths */
function nothingAt(path: string, paths: string[]): Problem {
  const instead = paths.length > 0 ? ` Available: ${paths.join(', ')}.` : '';
  return new Problem(404, `The path ${shorten(path)} does not exist.${instead}`);
}

/** Whether the client is a browser. A program that accepts any type gets JSON. */
const wantsPage = (request: Request) =>
  ['GET', 'HEAD'].includes(request.method) && request.accepts(['json', 'html']) === 'html';

function sendPage(response: Response, problem: Problem, site: Site): void {
  response
    .status(problem.status)
    .set({ ...securityHeaders, ...problem.options.headers, 'cache-control': 'no-store', vary: 'accept' })
    .type('html')
    .send(problemPage(problem.toJSON(), site));
}

const shorten = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

/** Errors of Express and its body parsers have a status, and a `type` that says what happened. */
interface HttpError {
  status?: unknown;
  type?: unknown;
  limit?: unknown;
  message?: unknown;
  charset?: unknown;
  encoding?: unknown;
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { status, type, limit, message, charset, encoding } = (error ?? {}) as HttpError;
  if (typeof status !== 'number' || status < 400 || status > 499) {
    return new Problem(500, 'An unexpected error happened. See the log of this service.');
  }
  switch (type) {
    case 'entity.parse.failed':
      return new Problem(400, `The body is not JSON: ${shorten(String(message))}.`, {
        errors: [{ pointer: '', detail: 'must be JSON' }],
      });
    case 'entity.too.large':
      return new Problem(413, `The body is larger than the limit of ${limit} bytes.`);
    case 'encoding.unsupported':
      return new Problem(415, `The content encoding ${shorten(String(encoding))} is not supported.`, {
        headers: { 'accept-encoding': 'identity, gzip, deflate, br' },
      });
    case 'charset.unsupported':
      return new Problem(
        415,
        `The character set ${shorten(String(charset))} is not accepted. JSON must be UTF-8.`,
      );
    case 'request.size.invalid':
      return new Problem(400, 'The length of the body differs from its Content-Length.');
    case 'request.aborted':
      return new Problem(400, 'The request ended before its body was complete.');
  }
  if (error instanceof URIError)
    return new Problem(400, 'The path has a % that is not followed by two hexadecimal digits of UTF-8 text.');
  return new Problem(status, `The request could not be read: ${shorten(String(message))}.`);
}
