/** One ride over HTTP, repeated until there is an answer that stays. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RideRequest } from '@rideflow/shared/messages.ts';
import { BadInput } from './file.ts';

export interface Outcome {
  accepted: boolean;
  /** Why not, for a person; empty when accepted. */
  reason: string;
  /** How long the last request took to be answered, in milliseconds; null when none was. */
  milliseconds: number | null;
  /** Requests that were sent for this ride. */
  attempts: number;
}

export interface SendOptions {
  /** Of the rides service, without a path. */
  url: string;
  /** Bearer token, where the service wants one. */
  token?: string | undefined;
  /** Repeats end so many milliseconds after the first request. */
  patience: number;
  signal: AbortSignal;
}

/** One request is given up after so many milliseconds. */
const requestTimeout = 15_000;
/** Waits between repeats, in milliseconds. A Retry-After of the service comes first. */
const firstWait = 200;
const longestWait = 5000;
/** Statuses that may pass: the key is in use, slow down, and what stands between us and Kafka is away. */
const passing = new Set([409, 429, 502, 503, 504]);

/**
 * Books one ride. It is safe to repeat: the same key is the same ride, so an answer that was lost on its way books nothing twice.
 * @param key Idempotency-Key, ASCII without quotes
 * @throws the signal's reason when it was aborted
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

/** @throws BadInput when nobody listens at the address */
export async function checkReachable(url: string, signal: AbortSignal): Promise<void> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: within(signal) });
    await response.arrayBuffer();
  } catch (error) {
    signal.throwIfAborted();
    throw new BadInput(
      `No rides service answers at ${url} (${networkReason(error)}).\nStart the system with \`npm start\` or \`docker compose up\`, or say with --url where it is.`,
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
  if (name === 'TimeoutError') return `nothing within ${requestTimeout / 1000} s`;
  return cause?.code ?? cause?.message ?? message;
}

/** What a problem of RFC 9457 says, one clause per wrong field. */
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
