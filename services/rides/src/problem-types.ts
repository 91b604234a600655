/** The kinds of problem (RFC 9457 `type`) that a status alone does not tell apart; `/problems` shows this table. */
import { escapeHtml, pageOf } from '@rideflow/shared/http/html.ts';
import { Problem, type ProblemOptions } from '@rideflow/shared/http/problem.ts';
import { tabs } from './docs/tabs.ts';

const kinds = {
  'unknown-ride': {
    status: 404,
    title: 'Unknown ride',
    meaning:
      'No ride with this id is among those that this process keeps. It keeps the newest ones, VIEW_RIDES of them.',
  },
  'key-in-use': {
    status: 409,
    title: 'Idempotency-Key in use',
    meaning:
      'The first request with this Idempotency-Key is not answered yet. Repeat it in a moment, and get its answer.',
  },
  'key-reused': {
    status: 422,
    title: 'Idempotency-Key used for another request',
    meaning:
      'The customer has used this Idempotency-Key with another body. A new ride wants a new key. Keys of two customers have nothing to do with each other.',
  },
  unavailable: {
    status: 503,
    title: 'Kafka cannot be reached',
    meaning: 'Nothing was booked. Repeat the request after the seconds in Retry-After.',
  },
  busy: {
    status: 503,
    title: 'More requests than time',
    meaning:
      'The request had waited for a second before this process came to it, and so have others. Nothing was booked. Repeat it after the seconds in Retry-After.',
  },
  'outcome-unknown': {
    status: 503,
    title: 'Outcome unknown',
    meaning:
      'Kafka did not answer in time, so that the ride may be booked or not. Repeat the request with the same Idempotency-Key, or look the id up that is in the problem.',
  },
  rebuilding: {
    status: 503,
    title: 'Still reading the topics',
    meaning:
      'The process has just started and is reading what the topics hold. It cannot tell yet what it knows. Repeat the request in a second.',
  },
} as const;

/** @param detail what is wrong with this request and what can be done, a sentence for a person */
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
  const content = `<main><p>A request that fails is answered with a problem of RFC 9457. Most of them are told apart by their status and name each wrong field; these have a type of their own.</p>
${panels.join('\n')}
</main>`;
  return pageOf({ title: 'problems', bar, end: tabs('/problems'), content });
}
