/** Accepts rides: answers when Kafka has the ride. One Idempotency-Key is one ride. */
import type { Follower } from '@rideflow/shared/kafka/follow.ts';
import { OutcomeUnknown, type Publisher, Unavailable } from '@rideflow/shared/kafka/publish.ts';
import type { RideDetails, RideRequest } from '@rideflow/shared/messages.ts';
import type { Coordinates } from '@rideflow/shared/reading.ts';
import { rideDetails } from '@rideflow/shared/topics.ts';
import { rideOf, sameRequest } from './booking.ts';
import { rideProblem } from './problem-types.ts';
import { idOf, newId } from './ride-id.ts';
import type { View } from './view.ts';

/** How long a request with a key waits until this process has read its own message, in milliseconds. */
const patience = 5000;

export interface Accepted {
  ride: RideDetails;
  stored: Coordinates;
}

export interface Desk {
  /**
   * @param key without it, every call is a new ride
   * @throws Problem when the ride is not accepted, or when that is unknown
   */
  book(request: RideRequest, key?: string, traceparent?: string): Promise<Accepted>;
}

export function createDesk(
  publisher: Pick<Publisher, 'publish'>,
  follower: Pick<Follower, 'caughtUp' | 'reached'>,
  view: View,
  emailDomain: string,
  now: () => Date = () => new Date(),
): Desk {
  const inFlight = new Set<string>();

  async function publish(ride: RideDetails, repeat: string, traceparent?: string): Promise<Coordinates> {
    try {
      return await publisher.publish(rideDetails, ride, traceparent === undefined ? {} : { traceparent });
    } catch (error) {
      throw toProblem(error, ride, repeat);
    }
  }

  async function bookOnce(request: RideRequest, traceparent?: string): Promise<Accepted> {
    const ride = rideOf(request, newId(), now(), emailDomain);
    const stored = await publish(
      ride,
      `check GET /rides/${ride.id}; with an Idempotency-Key, a retry never books twice`,
      traceparent,
    );
    // The follower reads it a moment later. Until then, a request for the new id must find it too.
    view.request({
      value: ride,
      identity: ride.id,
      coordinates: stored,
      timestamp: Date.parse(ride.requested_at),
    });
    return { ride, stored };
  }

  /**
   * The log decides: the first message with this id in the partition is the ride, whichever process wrote it. So the answer
   * waits until this process has read the partition up to its own message.
   */
  async function bookUnderKey(request: RideRequest, key: string, traceparent?: string): Promise<Accepted> {
    const ride = rideOf(request, idOf(request.customer_id, key), now(), emailDomain);
    const known = view.first(ride.id);
    if (known) return answerAs(known, ride);
    if (!follower.caughtUp())
      throw rebuilding('so it does not know yet whether this Idempotency-Key was used');
    if (inFlight.has(ride.id)) {
      throw rideProblem(
        'key-in-use',
        'A request with this Idempotency-Key is in progress. Retry in a moment.',
        {
          headers: { 'retry-after': '1' },
        },
      );
    }
    inFlight.add(ride.id);
    try {
      const repeat = 'retry with the same Idempotency-Key, which never books twice';
      const stored = await publish(ride, repeat, traceparent);
      if (!(await follower.reached(stored, patience))) throw unknown(ride, repeat);
      return answerAs(view.first(ride.id) ?? { ride, stored }, ride);
    } finally {
      inFlight.delete(ride.id);
    }
  }

  return {
    book: (request, key, traceparent) =>
      key === undefined ? bookOnce(request, traceparent) : bookUnderKey(request, key, traceparent),
  };
}

/** @throws Problem 422 when the first ride with this key came from a different request */
function answerAs(first: Accepted, ride: RideDetails): Accepted {
  if (sameRequest(first.ride, ride)) return first;
  throw rideProblem(
    'key-reused',
    `This Idempotency-Key was used for ride ${ride.id} with a different body. Send the same body, or use a new key for a new ride.`,
    { more: { id: ride.id } },
  );
}

/** @param soWhat what the process does not know because of that */
export const rebuilding = (soWhat: string) =>
  rideProblem('rebuilding', `This process has just started and is still reading the topics, ${soWhat}.`, {
    headers: { 'retry-after': '1' },
  });

const unknown = (ride: RideDetails, repeat: string, refusal: string | null = null) =>
  rideProblem(
    'outcome-unknown',
    `${refusal ?? 'Kafka did not answer in time'}. The ride may still be booked: ${repeat}.`,
    {
      headers: { 'retry-after': '2' },
      more: { id: ride.id },
    },
  );

function toProblem(error: unknown, ride: RideDetails, repeat: string): unknown {
  if (error instanceof OutcomeUnknown) return unknown(ride, repeat, error.refusal);
  if (!(error instanceof Unavailable)) return error;
  return rideProblem('unavailable', `The ride was not booked: ${error.message}. Retry later.`, {
    headers: { 'retry-after': String(error.retryAfter) },
  });
}
