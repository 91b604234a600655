/** The HTTP API of the rides service as OpenAPI 3.1. */
import { defaultList, maxBatch, maxBatchBytes, maxList, maxRideBytes } from '../http/api.ts';
import { request, ride, state, stored, undecided, wrongFields } from './examples.ts';
import { jsonSchemas, schemaRef } from './schemas.ts';

const json = (id: string, example?: unknown) => ({
  'application/json': { schema: schemaRef(id), ...(example !== undefined && { example }) },
});
const answer = (description: string, id: string, example?: unknown, headers?: object) => ({
  description,
  ...(headers && { headers }),
  content: json(id, example),
});
const problem = (description: string, headers?: object, example?: object) => ({
  description,
  ...(headers && { headers }),
  content: { 'application/problem+json': { schema: schemaRef('Problem'), ...(example && { example }) } },
});
const later = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
};
const allow = { Allow: { description: 'The supported methods.', schema: { type: 'string' } } };

/** Possible answers to every request when API_TOKEN or RATE_LIMIT is set. */
const guarded = {
  401: problem('The service requires its API_TOKEN, and the request does not have it.', {
    'WWW-Authenticate': { description: 'RFC 6750.', schema: { type: 'string' } },
  }),
  429: problem('The client has sent more than RATE_LIMIT requests within one second.', later),
};

/** Possible answers to every request with a body. */
const refused = {
  ...guarded,
  400: problem(
    'The body is not JSON, or fields are wrong. `errors` has one entry for each wrong field.',
    undefined,
    wrongFields,
  ),
  405: problem('This path does not support the method.', allow),
  413: problem('The body is too large.'),
  415: problem('The media type, character set or encoding of the body is not accepted.'),
  503: problem(
    'Kafka is unavailable and nothing was booked; or Kafka did not answer in time (`outcome-unknown`), and the ride may be booked.',
    later,
  ),
};
const keyed = {
  409: problem('The first request with this Idempotency-Key is still being processed.', later),
  422: problem('The customer has already used this Idempotency-Key with a different body.'),
};
const parameters = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'draft-ietf-httpapi-idempotency-key-header: 1 to 255 printable ASCII characters in double quotes, such as "8e03978e-40d5-43dd-bc93-6894a57f9324"; the quotes are optional. A repeated request with the same key and body gets the same answer and books nothing, even after a restart or from another process, for as long as the ride is in the view of rides. Each customer has their own keys.',
    // No example: the viewer would send it with each request, and so book only one ride.
    schema: { type: 'string', maxLength: 512 },
  },
  {
    name: 'traceparent',
    in: 'header',
    description: 'W3C Trace Context, passed on with the ride. Without it, the service starts a new trace.',
    schema: { type: 'string' },
  },
];

export function openApi() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'rideflow: rides',
      version: '1.1.0',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Books rides and shows their state. A ride is accepted (202) when Kafka has it on disk. It is decided a moment later; read the decision with GET. Errors are problem details of RFC 9457.',
    },
    servers: [{ url: 'http://localhost:4000', description: 'On this machine' }],
    tags: [{ name: 'rides' }],
    security: [{}, { token: [] }],
    paths: {
      '/rides': {
        post: {
          operationId: 'bookRide',
          tags: ['rides'],
          summary: 'Book a ride',
          parameters,
          requestBody: {
            required: true,
            description: `At most ${maxRideBytes} bytes.`,
            content: json('RideRequest', request),
          },
          responses: {
            202: answer(
              'Kafka has stored the ride. It will be decided.',
              'Accepted',
              { ride, stored },
              {
                Location: { description: 'The address of the ride.', schema: { type: 'string' } },
              },
            ),
            ...refused,
            ...keyed,
          },
        },
        get: {
          operationId: 'listRides',
          tags: ['rides'],
          summary: 'List the latest rides, newest first',
          parameters: [
            {
              name: 'limit',
              in: 'query',
              schema: { type: 'integer', minimum: 1, maximum: maxList, default: defaultList },
            },
          ],
          responses: {
            200: answer('The rides.', 'RideList', { rides: [undecided, state] }),
            ...guarded,
            400: problem('The limit is not valid.'),
          },
        },
      },
      '/rides/batch': {
        post: {
          operationId: 'bookRides',
          tags: ['rides'],
          summary: 'Book many rides at once',
          description:
            'Each ride has its own result, so a wrong ride does not affect the others. With an Idempotency-Key, the key and the position in the batch identify each ride, so it is safe to send the same batch again.',
          parameters,
          requestBody: {
            required: true,
            description: `At most ${maxBatch} rides and ${maxBatchBytes} bytes.`,
            content: {
              'application/json': {
                schema: { type: 'array', items: schemaRef('RideRequest'), minItems: 1, maxItems: maxBatch },
                example: [request],
              },
              'application/x-ndjson': {
                schema: {
                  type: 'string',
                  description: 'One RideRequest per line. application/jsonl works too.',
                },
                example: `${JSON.stringify(request)}\n`,
              },
            },
          },
          responses: {
            202: answer('One result per ride, in the order of the request.', 'BatchResults', {
              results: [
                { status: 202, ride, stored },
                { status: 400, problem: wrongFields },
              ],
            }),
            ...refused,
          },
        },
      },
      '/rides/{id}': {
        get: {
          operationId: 'readRide',
          tags: ['rides'],
          summary: 'Show the state of a ride',
          description:
            'Each process builds a view of the newest rides from both topics. If foreign writers used an id several times, the answer is their newest ride.',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: {
            200: answer('The current state of the ride.', 'RideState', state),
            ...guarded,
            400: problem('The path is not well-formed.'),
            404: problem('The ride does not exist, or is too old to be in the view.'),
            503: problem('The process has just started and is still building its view.', later),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Only required if API_TOKEN is set.',
        },
      },
      schemas: jsonSchemas(
        [
          'RideRequest',
          'Location',
          'RideDetails',
          'Stored',
          'Accepted',
          'RideState',
          'RideList',
          'BatchResult',
          'BatchResults',
          'Problem',
        ],
        'draft-2020-12',
      ),
    },
  };
}
