/** What the made-up system tells of one ride. */
import type { DeadLetterView, MessageView, RideStory, Step } from '../../src/protocol.ts';
import type { Simulation } from './simulation.ts';

/** @param place ride id or coordinates */
export function storyOf(simulation: Simulation, place: string): RideStory | null {
  const all = [...simulation.rides.values()];
  const mine = all.filter(
    ({ id, request, decision }) => id === place || request === place || decision === place,
  );
  const first = mine[0];
  if (!first) return null;
  const decision = all.findLast(({ id, decision: found }) => id === first.id && found)?.decision;
  const partition = Number(first.request.split('/')[1]);
  const offset = Number(decision?.split('/')[2] ?? -1);
  const lane = simulation.lane('ride_confirmed', partition);
  const mark = lane.marks.find((one) => one.offset === offset);
  const state = mark?.state ?? (decision ? 'committed' : 'open');
  const done = (name: string) =>
    (simulation.view.groups.find((group) => group.name === name)?.partitions[partition]?.committed ?? 0) >
    offset;
  const committed = decision !== undefined && state === 'committed';
  const at = (later: number) => first.at + later;
  const step = (
    name: Step['name'],
    is: boolean,
    later: number,
    by: string,
    text: string,
    coordinates: string | null = null,
  ): Step => ({
    name,
    state: is ? 'done' : 'waiting',
    at: is ? at(later) : null,
    by,
    coordinates,
    text,
  });
  const counted = committed && done('analytics');
  const mailed = committed && done('email');
  const steps: Step[] = [
    step('received', true, 0, 'rides-1', 'over HTTP, answered 202 after 3 ms'),
    step('stored', true, 1.8, 'rides-1', 'key user_17, all replicas have it', first.request),
    step('read', decision !== undefined, 4.6, 'transaction-2', `owner of partition ${partition}`),
    {
      ...step(
        'decided',
        decision !== undefined,
        6.1,
        'transaction-2',
        'in an open transaction: no reader may see it yet',
        decision ?? null,
      ),
      ...(decision && !committed ? { state: 'open' as const } : {}),
    },
    step(
      'committed',
      committed,
      9.3,
      'transaction-2',
      `together with offset ${first.request.split('/')[2]}: both happened or neither`,
    ),
    step('counted', counted, 12.4, 'analytics-1', 'stored together with its offset'),
    step('mailed', mailed, 31.2, 'email-1', 'the mail server took it with 250'),
  ];
  const request = {
    id: first.id,
    customer_id: 'user_17',
    location: { lat: 12.97, long: 77.59 },
    customer_email: 'user_17@example.com',
    requested_at: new Date(first.at).toISOString(),
  };
  const outcome = {
    ...request,
    status: 'confirmed',
    payment_status: 'paid',
    alloted_driver: 'driver_4',
    pickup_time: '9mins',
    pickup_minutes: 9,
    reason: null,
    decided_at: new Date(at(6)).toISOString(),
  };
  return {
    ride: first.id,
    customer: 'user_17',
    summary: committed ? 'confirmed, driver_4 in 9 min' : 'not decided yet',
    steps,
    messages: [
      message(first.request, first.at, 'plain', request, null, 'RideDetails'),
      ...(decision ? [message(decision, at(6), state, outcome, first.request, 'RideConfirmed')] : []),
    ],
    mail: mailed ? 'http://localhost:1080' : null,
    trace: null,
    note: null,
  };
}

function message(
  coordinates: string,
  at: number,
  state: MessageView['state'],
  parsed: object,
  cause: string | null,
  type: string,
): MessageView {
  return {
    coordinates,
    at,
    state,
    key: { text: 'user_17' },
    headers: {
      ce_specversion: '1.0',
      ce_id: crypto.randomUUID(),
      ce_type: `rideflow.${type}`,
      ce_source: '/rideflow',
      'content-type': 'application/json',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      ...(cause ? { ce_cause: cause } : {}),
    },
    value: { text: JSON.stringify(parsed) },
    parsed,
    cause,
  };
}

export function deadLetters(simulation: Simulation): DeadLetterView[] {
  return simulation.view.lanes
    .filter(({ kind }) => kind === 'dead letters')
    .flatMap(({ topic, partition, marks }) =>
      marks.map((mark, i) => ({
        coordinates: `${topic}/${partition}/${mark.offset}`,
        reader: 'transaction',
        reason:
          i % 2
            ? 'value is no JSON: Unexpected end of JSON input at 43'
            : 'customer_id must be 1 to 64 of [A-Za-z0-9_.-], not ""',
        from: mark.cause ?? 'unknown',
        at: new Date().toISOString(),
        ride: null,
        resolved: null,
        bytes: 44,
        truncated: null,
        key: { text: 'user_3' },
        value:
          i % 2
            ? { text: '{"customer_id": "user_3", and here its writer' }
            : { base64: 'eyJjdXN0b21lcl9pZCI6IP/+fQ==' },
        headers: { 'content-type': 'application/json' },
      })),
    )
    .reverse();
}
