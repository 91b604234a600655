/** The facts of a failure as labelled lines. */

import { place } from '../../../infra/check/places.ts';
import type { Failure } from './lab.ts';
import type { Outcome } from './outcome.ts';

/** @param flow the address of the flow page, if it runs */
export function counterexample(
  failure: Failure,
  outcome: Outcome | null,
  flow: string | null,
): [string, string][] {
  const lines: [string, string][] = [...(failure.evidence ?? [])];
  if (!outcome) return lines;
  const { facts, crashes, scenario, output } = outcome;
  const requests = outcome.requestsOf(failure.ride ?? '');
  for (const request of requests)
    lines.push(['stored', `${place('ride_details', request)}, customer ${request.customer}`]);
  const effects = facts.decisions.filter(({ cause }) =>
    requests.some(({ partition, offset }) => cause?.partition === partition && cause.offset === offset),
  );
  for (const { identity, partition, offset } of effects)
    lines.push([
      'effect',
      identity.startsWith('points/')
        ? `${identity}, for this ride`
        : place('ride_confirmed', { partition, offset }),
    ]);
  if (requests.length > 0 && effects.length === 0) lines.push(['effect', 'none']);
  for (const { partition } of requests.slice(0, 1))
    lines.push([
      'committed',
      `offset ${facts.committed.transaction.get(partition) ?? 'none'} of ride_details/${partition} is the next one to read`,
    ]);
  for (const { point, where } of crashes) lines.push(['crash', `at ${point}: ${where}`]);
  const booked = scenario.lives.reduce((sum, { rides = [] }) => sum + rides.length, 0);
  lines.push([
    'booked',
    `${booked === 1 ? 'one ride' : `${booked} rides`}, the service ran ${scenario.lives.length} times`,
  ]);
  const [request] = requests;
  if (flow && request?.id) lines.push(['see it', `${flow}/rides/${encodeURIComponent(request.id)}`]);
  if (output && ['ended', 'stalled'].includes(failure.hint))
    lines.push(...output.split('\n').map((line): [string, string] => ['output', line]));
  return lines;
}
