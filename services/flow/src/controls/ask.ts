/** Requests to the other processes' HTTP ports. What they refuse is passed on, in their words. */
import { Problem } from '@rideflow/shared/http/problem.ts';

export interface Order {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** In milliseconds. */
  patience?: number;
}

/**
 * @param who for the sentence when it fails: `transaction-2`
 * @returns the answer's JSON, null where it is none
 * @throws Problem 502 when nobody answers, else with the status and the detail of the answer
 */
export async function ask(who: string, url: string, order: Order): Promise<unknown> {
  const { method, path, body, headers, patience = 3000 } = order;
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(patience),
  }).catch((error: Error) => {
    const reason = error.name === 'TimeoutError' ? `no answer within ${patience / 1000} s` : reasonOf(error);
    throw new Problem(502, `${who} does not answer at ${url} (${reason}).`);
  });
  const answer = await jsonIn(response);
  if (response.ok) return answer;
  const { detail } = (answer ?? {}) as { detail?: unknown };
  throw new Problem(
    response.status,
    typeof detail === 'string'
      ? `${who}: ${detail}`
      : `${who} answered ${response.status} to ${method} ${path}.`,
  );
}

const reasonOf = ({ message, cause }: Error) =>
  cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;

async function jsonIn(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
