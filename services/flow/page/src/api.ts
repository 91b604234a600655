/** Requests to the flow process. */

/** What was answered instead: the `detail` of its problem (RFC 9457), a sentence for a person. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** A POST or PUT without a body sends an empty one, as JSON. @throws Refused with a sentence, whatever went wrong */
export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const sent = body ?? (method === 'POST' || method === 'PUT' ? {} : undefined);
  const response = await fetch(path, {
    method,
    ...(sent !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent),
    }),
    ...(signal && { signal }),
  }).catch((error: Error) => {
    if (error.name === 'AbortError') throw error;
    throw new Refused(0, 'The flow process does not answer.');
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer as T;
  throw new Refused(response.status, answer.detail ?? `The flow process answered ${response.status}.`);
}

export const get = <T>(path: string, signal?: AbortSignal) => ask<T>('GET', path, undefined, signal);
