/** What the rides service answers. Types and the OpenAPI document come from here. */
import { z } from 'zod';
import { RideConfirmed, RideDetails } from '../messages.ts';

/** At most so many rides in one `POST /rides/batch`. */
export const maxBatch = 1000;
/** At most so many bytes in the body of `POST /rides`, after decompression. */
export const maxRideBytes = 16 * 1024;
/** At most so many bytes in the body of `POST /rides/batch`, after decompression. */
export const maxBatchBytes = 1024 * 1024;
/** At most so many rides in one `GET /rides`, and so many when nothing is said. */
export const maxList = 1000;
export const defaultList = 20;

export const Stored = z
  .strictObject({
    topic: z.string().meta({ example: 'ride_details' }),
    partition: z.int().min(0).meta({ example: 2 }),
    offset: z.string().regex(/^\d+$/).meta({
      description: 'A decimal: offsets have 64 bits, more than a JSON number holds exactly.',
      example: '1041',
    }),
  })
  .meta({ id: 'Stored', description: 'Where Kafka has the message.' });

export const Accepted = z
  .strictObject({ ride: RideDetails, stored: Stored })
  .meta({ id: 'Accepted', description: 'The ride as it was stored, and where.' });

const decided = RideConfirmed.shape;
export const RideState = z
  .strictObject({
    id: decided.id,
    customer_id: decided.customer_id,
    customer_email: decided.customer_email,
    location: decided.location,
    status: z.enum(['requested', 'confirmed', 'rejected', 'expired']).meta({
      description:
        'requested until it is decided. expired: Kafka no longer keeps the request, and no decision was seen; whoever still wants the ride asks anew.',
    }),
    payment_status: decided.payment_status.nullable(),
    alloted_driver: decided.alloted_driver,
    pickup_time: decided.pickup_time,
    pickup_minutes: decided.pickup_minutes,
    reason: decided.reason,
    requested_at: decided.requested_at,
    decided_at: decided.decided_at.nullable(),
    stored: Stored.nullable().meta({
      description: 'Where the request is; null when only the decision was seen.',
    }),
    decided: Stored.nullable().meta({
      description: 'Where the decision is; null until it is decided.',
    }),
  })
  .meta({ id: 'RideState', description: 'What is known of a ride. What is not decided yet is null.' });

export const RideList = z.strictObject({ rides: z.array(RideState) }).meta({ id: 'RideList' });

export const ProblemDocument = z
  .looseObject({
    type: z.string().meta({ description: 'about:blank, or which kind of problem this is.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What is wrong with this request and what is accepted.' }),
    errors: z
      .array(
        z.strictObject({
          pointer: z
            .string()
            .optional()
            .meta({ description: 'Into the body, RFC 6901.', example: '/location/lat' }),
          parameter: z.string().optional(),
          header: z.string().optional(),
          detail: z.string().meta({ example: 'must be at most 90' }),
        }),
      )
      .optional()
      .meta({ description: 'One entry per wrong field.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

export const BatchResult = z
  .union([
    z.strictObject({ status: z.literal(202), ride: RideDetails, stored: Stored }),
    z.strictObject({ status: z.int().min(400).max(599), problem: ProblemDocument }),
  ])
  .meta({ id: 'BatchResult' });

export const BatchResults = z
  .strictObject({ results: z.array(BatchResult).meta({ description: 'One per ride, in the order given.' }) })
  .meta({ id: 'BatchResults' });

export type RideState = z.infer<typeof RideState>;
export type BatchResult = z.infer<typeof BatchResult>;
export type ProblemDocument = z.infer<typeof ProblemDocument>;
