/** The topics as typed values: each topic's name with its message type. */

import type { z } from 'zod';
import { RideConfirmed, RideDetails } from './messages.ts';

/** `T` is the one typed shape that code after the edge sees. */
export interface Topic<T> {
  name: string;
  /** The CloudEvents `type` of its messages. */
  type: string;
  /** Strict: every message that we write satisfies it. */
  schema: z.ZodType<T>;
  /** The record key: messages of one key stay in order. */
  key: (message: T) => string;
}

export const rideDetails: Topic<RideDetails> = {
  name: 'ride_details',
  type: 'rideflow.ride.requested',
  schema: RideDetails,
  key: (ride) => ride.customer_id,
};

export const rideConfirmed: Topic<RideConfirmed> = {
  name: 'ride_confirmed',
  type: 'rideflow.ride.decided',
  schema: RideConfirmed,
  key: (ride) => ride.customer_id,
};

export const topics = { ride_details: rideDetails, ride_confirmed: rideConfirmed } as const;

export type TopicName = keyof typeof topics;
export type MessageOn<N extends TopicName> = (typeof topics)[N] extends Topic<infer T> ? T : never;
