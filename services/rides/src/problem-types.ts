/** The problem types (RFC 9457) that the status alone does not distinguish. `/problems` shows this table. */
import { escapeHtml, pageOf } from '@rideflow/shared/http/html.ts';
import { Problem, type ProblemOptions } from '@rideflow/shared/http/problem.ts';
import { tabs } from './docs/tabs.ts';

const kinds = {
  'unknown-ride': {
    status: 404,
    title: 'Unknown ride',
    meaning: 'This process has no ride with this id. It keeps the newest VIEW_RIDES rides.',
  },
  'key-in-use': {
    status: 409,
    title: 'Idempotency-Key in use',
    meaning:
      'The first request with this Idempotency-Key is still in progress. Retry in a moment to get its answer.',
  },
  'key-reused': {
    status: 422,
    title: 'Idempotency-Key used for a different request',
    meaning:
      'The customer has already used this Idempotency-Key with a different body. A new ride needs a new key. Each customer has their own keys.',
  },
  unavailable: {
    status: 503,
    title: 'Kafka cannot be reached',
    meaning: 'Nothing was booked. Retry after the number of seconds in the Retry-After header.',
  },
  busy: {
    status: 503,
    title: 'Overloaded',
    meaning:
      'The request waited for more than a second before the process could read it. Nothing was booked. Retry after the number of seconds in the Retry-After header.',
  },
  'outcome-unknown': {
    status: 503,
    title: 'Outcome unknown',
    meaning:
      'Kafka did not answer in time, so the ride may be booked or not. Retry with the same Idempotency-Key, or look up the id in the problem.',
  },
  rebuilding: {
    status: 503,
    title: 'Still reading the topics',
    meaning: 'The process has just started and is still reading the topics. Retry in a second.',
  },
} as const;

/** @param detail one sentence for a person: what is wrong with the request and what to do */
export function rideProblem(kind: keyof typeof kinds, detail: string, options: ProblemOptions = {}): Problem {
  const { status, title } = kinds[kind];
  return new Problem(status, detail, { type: `/problems#${kind}`, title, ...options });
}

/** @param bar the links to the other pages, as HTML */
export function problemsPage(bar: string): string {
  const panels = Object.entries(kinds).map(
    ([name, { status, title, meaning }]) =>
      `<section class="panel" id="${name}"><h2>${status} ${escapeHtml(title)}</h2><p>${escapeHtml(meaning)}</p></section>`,
  );
  const content = `<main><p>The answer to a failed request is a problem of RFC 9457. For most problems the status is enough, and each wrong field is listed. The following problems have their own type.</p>
${panels.join('\n')}
</main>`;
  return pageOf({ title: 'problems', bar, end: tabs('/problems'), content });
}
