/**
 * The two messages that the services agree on, each one schema. Types, run-time validation, the OpenAPI and the
 * AsyncAPI document all come from here. Writers are strict: what they send must satisfy these schemas.
 * Readers are tolerant: see reading.ts.
 */
import { z } from 'zod';
import { anyAddress, asciiAddress, longestAddress, whyNoAddress } from './email-address.ts';

export const CustomerId = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters (A-Z, a-z), digits, hyphens, dots or underscores')
  .meta({
    description:
      'The customer who requests the ride. Also the message key, so the rides of one customer stay in order.',
    example: 'user_1',
  });

export const Location = z
  .strictObject({
    lat: z.number().min(-90).max(90).meta({ description: 'Latitude in degrees.', example: 12.97 }),
    long: z.number().min(-180).max(180).meta({ description: 'Longitude in degrees.', example: 77.59 }),
  })
  .meta({ id: 'Location', description: 'The pickup location, WGS 84.' });

const meta = {
  description: 'The address for the mail. Default: <customer_id>@example.com, or the domain in EMAIL_DOMAIN.',
  example: 'user_1@example.com',
};
const notAnAddress = (issue: { input?: unknown; code: string }) =>
  issue.code === 'invalid_format' ? whyNoAddress(String(issue.input)) : undefined;
const Email = z.email({ pattern: asciiAddress, error: notAnAddress }).max(longestAddress).meta(meta);
/** As in a request. */
const AnyEmail = z
  .string()
  .regex(anyAddress, { error: notAnAddress })
  .max(longestAddress)
  .meta({ ...meta, description: `${meta.description} An internationalized domain is converted to ASCII.` });
const Time = z.iso
  .datetime({ offset: true })
  .meta({ description: 'A time in RFC 3339 format.', example: '2026-01-01T12:00:00.000Z' });
const RideId = z.string().min(1).max(128).meta({
  description: 'The id of the ride, from the HTTP request to the e-mail.',
  example: '0198c0de-0000-7000-8000-000000000001',
});

/** Test tokens decide the outcome of the payment: paid, declined, or paid after some failures. */
export const PaymentToken = z.enum(['tok_ok', 'tok_declined', 'tok_flaky']).meta({
  description:
    'Test token for the payment: tok_ok or none is paid, tok_declined is declined, tok_flaky fails for a while and is then paid.',
});

/** What a customer sends to book a ride. */
export const RideRequest = z
  .strictObject({
    customer_id: CustomerId,
    location: Location,
    customer_email: AnyEmail.optional(),
    payment_token: PaymentToken.optional(),
  })
  .meta({ id: 'RideRequest', description: 'A request for a ride.' });

/** The message on `ride_details`. `location` is null only if a foreign writer left it out. */
export const RideDetails = z
  .strictObject({
    id: RideId,
    customer_id: CustomerId,
    location: Location.nullable(),
    customer_email: Email,
    payment_token: PaymentToken.optional(),
    requested_at: Time,
  })
  .meta({ id: 'RideDetails', description: 'A customer requests a ride.' });

/** The message on `ride_confirmed`: the decision about a ride. */
export const RideConfirmed = z
  .strictObject({
    id: RideId,
    customer_id: CustomerId,
    customer_email: Email,
    location: Location.nullable(),
    status: z.enum(['confirmed', 'rejected']),
    payment_status: z.enum(['paid', 'declined']),
    alloted_driver: z
      .string()
      .regex(
        /^[A-Za-z0-9_.-]{1,64}$/,
        'must be 1 to 64 letters (A-Z, a-z), digits, hyphens, dots or underscores',
      )
      .nullable()
      .meta({
        description: 'The driver, or null if rejected. The spelling is that of the public tutorials.',
        example: 'driver_4',
      }),
    pickup_time: z
      .string()
      .regex(/^\d{1,4} ?mins?$/, 'must be minutes like 12mins')
      .nullable()
      .meta({
        description: "Minutes to pickup in the tutorials' text format, or null if rejected.",
        example: '12mins',
      }),
    pickup_minutes: z
      .int()
      .min(0)
      .max(9999)
      .nullable()
      .meta({ description: 'Minutes to pickup as a number, or null if rejected.', example: 12 }),
    reason: z.string().max(500).nullable().meta({ description: 'Why the ride was rejected, or null.' }),
    requested_at: Time,
    decided_at: Time,
  })
  .meta({ id: 'RideConfirmed', description: 'A ride was decided: confirmed or rejected.' });

export type Location = z.infer<typeof Location>;
export type PaymentToken = z.infer<typeof PaymentToken>;
export type RideRequest = z.infer<typeof RideRequest>;
export type RideDetails = z.infer<typeof RideDetails>;
export type RideConfirmed = z.infer<typeof RideConfirmed>;

/** The default e-mail address of a customer. */
export const defaultEmail = (customerId: string, domain = 'example.com') => `${customerId}@${domain}`;
