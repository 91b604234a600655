/** Sends one ride over HTTP and retries until it gets a final answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RideRequest } from '@rideflow/shared/messages.ts';
import { BadInput } from './file.ts';

export interface Outcome {
  accepted: boolean;
  /** Why it was not accepted, for a person to read; empty when accepted. */
  reason: string;
  /** How long the last request took, in milliseconds; null when it was not answered. */
  milliseconds: number | null;
  /** Number of requests for this ride. */
  attempts: number;
}

export interface SendOptions {
  /** The rides service, without a path. */
  url: string;
  /** Bearer token, if the service requires one. */
  token?: string | undefined;
  /** How long to retry after the first request, in milliseconds. */
  patience: number;
  signal: AbortSignal;
}

/** Timeout of one request, in milliseconds. */
const requestTimeout = 15_000;
/** Waits between retries, in milliseconds. A Retry-After header takes precedence. */
const firstWait = 200;
const longestWait = 5000;
/** Statuses to retry: the key is in use, too many requests, and a part between us and Kafka is unavailable. */
const passing = new Set([409, 429, 502, 503, 504]);

/**
 * Books one ride. A retry is safe: the same key is the same ride, so a lost answer never books a ride twice.
 * @param key Idempotency-Key, ASCII without quotes
 * @throws the signal's reason when the signal is aborted
 */
export async function send(ride: RideRequest, key: string, options: SendOptions): Promise<Outcome> {
  const end = performance.now() + options.patience;
  for (let attempts = 1; ; attempts++) {
    const answer = await post(ride, key, options);
    if (answer.status === 202)
      return { accepted: true, reason: '', milliseconds: answer.milliseconds, attempts };
    const wait = answer.retryAfter ?? Math.min(firstWait * 2 ** (attempts - 1), longestWait);
    const again = answer.status === null || passing.has(answer.status);
    if (!again || performance.now() + wait > end)
      return { accepted: false, reason: answer.reason, milliseconds: answer.milliseconds, attempts };
    await sleep(wait, undefined, { signal: options.signal });
  }
}

/** @throws BadInput when nothing listens at the address */
export async function checkReachable(url: string, signal: AbortSignal): Promise<void> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: within(signal) });
    await response.arrayBuffer();
  } catch (error) {
    signal.throwIfAborted();
    throw new BadInput(
      `No rides service answers at ${url} (${networkReason(error)}).\nStart the system with \`npm start\` or \`docker compose up\`, or give its address with --url.`,
    );
  }
}

interface Answer {
  /** Null when there was no answer. */
  status: number | null;
  reason: string;
  milliseconds: number | null;
  /** In milliseconds. */
  retryAfter: number | null;
}

async function post(ride: RideRequest, key: string, { url, token, signal }: SendOptions): Promise<Answer> {
  const start = performance.now();
  try {
    const response = await fetch(`${url}/rides`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': `"${key}"`,
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(ride),
      signal: within(signal),
    });
    const text = await response.text();
    const milliseconds = performance.now() - start;
    const { status } = response;
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
    return { status, milliseconds, retryAfter, reason: `${status} ${describe(text) || response.statusText}` };
  } catch (error) {
    signal.throwIfAborted();
    return {
      status: null,
      milliseconds: null,
      retryAfter: null,
      reason: `no answer (${networkReason(error)})`,
    };
  }
}

const within = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(requestTimeout)]);

function networkReason(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  if (name === 'TimeoutError') return `timeout after ${requestTimeout / 1000} s`;
  return cause?.code ?? cause?.message ?? message;
}

/** The text of an RFC 9457 problem, one clause for each wrong field. */
function describe(body: string): string {
  try {
    const problem = JSON.parse(body) as {
      title?: string;
      detail?: string;
      errors?: { pointer?: string; header?: string; detail?: string }[];
    };
    const fields = problem.errors?.map(({ pointer, header, detail }) =>
      `${pointer ?? header ?? ''} ${detail ?? ''}`.trim(),
    );
    return fields?.length ? fields.join('; ') : (problem.detail ?? problem.title ?? '');
  } catch {
    return '';
  }
}
