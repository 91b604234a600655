/** From 202 to ride_details: every ride that was accepted is there, of the same customer, in the order of asking. */
import type { Accepted } from './check.ts';
import type { Entry } from './facts.ts';
import type { Findings } from './findings.ts';
import { place } from './places.ts';

/**
 * @param stored a ride's first record on ride_details, by its identity: ours have the ride's id as such
 * @param somethingIsGone Kafka has deleted messages of ride_details: what is missing need not be lost
 */
export function checkAccepted(
  rides: Accepted[],
  stored: (identity: string) => Entry | undefined,
  somethingIsGone: boolean,
  findings: Findings,
): { accepted: number; found: number } {
  const byId = new Map(rides.map((ride) => [ride.id, ride]));
  let found = 0;
  for (const { id, customer_id } of byId.values()) {
    const request = stored(id);
    if (!request && somethingIsGone) continue;
    if (!request) {
      findings.add(
        'lost',
        `The ride ${id} of customer ${customer_id} was accepted but is not on ride_details.`,
      );
      continue;
    }
    found++;
    if (request.customer !== customer_id)
      findings.add(
        'invented',
        `The ride ${id} was accepted for customer ${customer_id}, but ${place('ride_details', request)} has ${request.customer}.`,
      );
  }
  return { accepted: byId.size, found };
}

/**
 * A ride that was asked for after another one of its customer was answered is stored behind it.
 * @returns how many are not
 */
export function checkOrderOfAccepting(requests: Entry[], rides: Accepted[], findings: Findings): number {
  const accepted = new Map(rides.map((ride) => [ride.id, ride]));
  let wrong = 0;
  const latest = new Map<string, { sent: number; at: Entry }>();
  const seen = new Set<string>();
  for (const request of requests) {
    const { sent, answered } = accepted.get(request.identity) ?? {};
    if (sent === undefined || answered === undefined || seen.has(request.identity)) continue;
    seen.add(request.identity);
    const key = `${request.partition}/${request.customer}`;
    const before = latest.get(key);
    if (before && answered < before.sent) {
      wrong++;
      findings.add(
        'order',
        `${place('ride_details', request)} of customer ${request.customer} was answered before ${place('ride_details', before.at)} was sent, but is stored behind it.`,
      );
    }
    if (!before || sent > before.sent) latest.set(key, { sent, at: request });
  }
  return wrong;
}
