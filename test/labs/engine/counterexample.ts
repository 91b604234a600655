/** The facts of a failure as labelled lines. */
import { deadLetterTopic } from '@rideflow/shared/topology.ts';
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
  const { facts, crashes, scenario, output, input, committed, letters } = outcome;
  const requests = outcome.requestsOf(failure.ride ?? '');
  const [request] = requests;
  for (const one of requests)
    lines.push(['stored', `${place('ride_details', one)}, customer ${one.customer}`]);
  const caused = facts.decisions.filter(({ cause }) =>
    requests.some(({ partition, offset }) => cause?.partition === partition && cause.offset === offset),
  );
  const decisions = caused.map((one) => place('ride_confirmed', one));
  if (facts.mails) for (const decision of decisions) lines.push(['stored', decision]);
  const mails = facts.mails?.filter(({ rideId }) => rideId === request?.id);
  const parked = letters
    .filter(({ from }) =>
      requests.some(({ partition, offset }) => from?.partition === partition && from.offset === offset),
    )
    .map((letter) => `the dead letter ${place(deadLetterTopic('transaction'), letter)}`);
  const effects =
    mails?.map(({ messageId }) => `a mail with the Message-ID ${messageId}`) ??
    caused.map(({ identity }, i) =>
      identity.startsWith('points/') ? `${identity}, for this ride` : decisions[i],
    );
  if (input)
    for (const effect of request && effects.length + parked.length === 0 ? ['none'] : [...effects, ...parked])
      lines.push(['effect', effect ?? '']);
  for (const { partition } of input ? [...caused, ...requests].slice(0, 1) : [])
    lines.push([
      'committed',
      `offset ${committed.get(partition) ?? 'none'} of ${input}/${partition} is the next one to read`,
    ]);
  for (const { point, where } of crashes) lines.push(['crash', `at ${point}: ${where}`]);
  const booked = scenario.lives.reduce((sum, { rides = [] }) => sum + rides.length, 0);
  const lives = scenario.lives.length;
  lines.push([
    'booked',
    `${booked === 1 ? 'one ride' : `${booked} rides`}, the service ran ${lives === 1 ? 'once' : `${lives} times`}`,
  ]);
  if (flow && request?.id) lines.push(['see it', `${flow}/rides/${encodeURIComponent(request.id)}`]);
  if (output && ['ended', 'stalled'].includes(failure.hint))
    lines.unshift(...output.split('\n').map((line): [string, string] => ['output', line]));
  return lines;
}
