/** Requests to the other processes' HTTP ports. What they refuse is passed on, in their words. */
import { once } from 'node:events';
import { type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { text } from 'node:stream/consumers';
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
  const { method, path, patience = 3000 } = order;
  const { status, answer } = await exchange(url, order, patience).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.name === 'AbortError' ? `no answer within ${patience / 1000} s` : (error.code ?? error.message);
    throw new Problem(502, `${who} does not answer at ${url} (${reason}).`);
  });
  if (status >= 200 && status < 300) return answer;
  const { detail } = (answer ?? {}) as { detail?: unknown };
  throw new Problem(
    status,
    typeof detail === 'string' ? `${who}: ${detail}` : `${who} answered ${status} to ${method} ${path}.`,
  );
}

/** To the operations port of a process, as `ask`. @param order its path below `/admin` */
export const askAdmin = ({ name, url }: { name: string; url: string }, order: Order): Promise<unknown> =>
  // An address, as DNS gives it, is none of its names.
  ask(name, url, { ...order, path: `/admin${order.path}`, headers: { host: 'localhost' } });

/** Not `fetch`, which lets nobody choose the Host header: what is found by its address still wants to be called by a name. */
async function exchange(url: string, { method, path, body, headers }: Order, patience: number) {
  const sent = (url.startsWith('https:') ? overHttps : overHttp)(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    signal: AbortSignal.timeout(patience),
  });
  sent.on('error', () => {}); // also after the answer has begun, when nobody listens any more
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, answer: jsonIn(await text(response)) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
