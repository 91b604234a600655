/** From 202 to ride_details: every accepted ride is stored, for the same customer and in the order of the requests. */
import type { Accepted } from './check.ts';
import type { Entry } from './facts.ts';
import type { Findings } from './findings.ts';
import { place } from './places.ts';

/**
 * @param stored the first record of each ride on ride_details, by identity; for our own records that is the ride's id
 * @param somethingIsGone Kafka has deleted messages of ride_details, so a missing ride is not necessarily lost
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
 * Checks that a ride that was requested after the answer to an earlier ride of the same customer is stored after that ride.
 * @returns the number of violations
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
        `${place('ride_details', request)} of customer ${request.customer} was answered before ${place('ride_details', before.at)} was sent, but is stored after it.`,
      );
    }
    if (!before || sent > before.sent) latest.set(key, { sent, at: request });
  }
  return wrong;
}
