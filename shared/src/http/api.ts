/** The answers of the rides service. Types and the OpenAPI document are derived from here. */
import { z } from 'zod';
import { RideConfirmed, RideDetails } from '../messages.ts';

/** The most rides in one `POST /rides/batch`. */
export const maxBatch = 1000;
/** The most bytes in the body of `POST /rides`, after decompression. */
export const maxRideBytes = 16 * 1024;
/** The most bytes in the body of `POST /rides/batch`, after decompression. */
export const maxBatchBytes = 1024 * 1024;
/** The most rides in one `GET /rides`, and the default. */
export const maxList = 1000;
export const defaultList = 20;

export const Stored = z
  .strictObject({
    topic: z.string().meta({ example: 'ride_details' }),
    partition: z.int().min(0).meta({ example: 2 }),
    offset: z.string().regex(/^\d+$/).meta({
      description:
        'A decimal string, because an offset has 64 bits and a JSON number may not hold it exactly.',
      example: '1041',
    }),
  })
  .meta({ id: 'Stored', description: 'The coordinates of the message in Kafka.' });

export const Accepted = z
  .strictObject({ ride: RideDetails, stored: Stored })
  .meta({ id: 'Accepted', description: 'The ride as it was stored, and its coordinates.' });

const decided = RideConfirmed.shape;
export const RideState = z
  .strictObject({
    id: decided.id,
    customer_id: decided.customer_id,
    customer_email: decided.customer_email,
    location: decided.location,
    status: z.enum(['requested', 'confirmed', 'rejected', 'expired']).meta({
      description:
        'requested: not decided yet. expired: Kafka no longer keeps the request, and there is no decision; book the ride again if it is still needed.',
    }),
    payment_status: decided.payment_status.nullable(),
    alloted_driver: decided.alloted_driver,
    pickup_time: decided.pickup_time,
    pickup_minutes: decided.pickup_minutes,
    reason: decided.reason,
    requested_at: decided.requested_at,
    decided_at: decided.decided_at.nullable(),
    stored: Stored.nullable().meta({
      description: 'Coordinates of the request; null if only the decision is known.',
    }),
    decided: Stored.nullable().meta({
      description: 'Coordinates of the decision; null until the ride is decided.',
    }),
  })
  .meta({ id: 'RideState', description: 'The state of a ride. Fields that are not decided yet are null.' });

export const RideList = z.strictObject({ rides: z.array(RideState) }).meta({ id: 'RideList' });

export const ProblemDocument = z
  .looseObject({
    type: z.string().meta({ description: 'The type of the problem, or about:blank.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What is wrong with the request and what is accepted.' }),
    errors: z
      .array(
        z.strictObject({
          pointer: z
            .string()
            .optional()
            .meta({ description: 'JSON Pointer (RFC 6901) into the body.', example: '/location/lat' }),
          parameter: z.string().optional(),
          header: z.string().optional(),
          detail: z.string().meta({ example: 'must be at most 90' }),
        }),
      )
      .optional()
      .meta({ description: 'One entry for each wrong field.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

export const BatchResult = z
  .union([
    z.strictObject({ status: z.literal(202), ride: RideDetails, stored: Stored }),
    z.strictObject({ status: z.int().min(400).max(599), problem: ProblemDocument }),
  ])
  .meta({ id: 'BatchResult' });

export const BatchResults = z
  .strictObject({
    results: z.array(BatchResult).meta({ description: 'One for each ride, in the order of the request.' }),
  })
  .meta({ id: 'BatchResults' });

export type RideState = z.infer<typeof RideState>;
export type BatchResult = z.infer<typeof BatchResult>;
export type ProblemDocument = z.infer<typeof ProblemDocument>;
