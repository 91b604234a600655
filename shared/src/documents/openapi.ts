/** The HTTP interface of the rides service as OpenAPI 3.1. */
import { defaultList, maxBatch, maxBatchBytes, maxList, maxRideBytes } from '../http/api.ts';
import { request, ride, state, stored } from './examples.ts';
import { jsonSchemas, schemaRef } from './schemas.ts';

const json = (id: string, example?: unknown) => ({
  'application/json': { schema: schemaRef(id), ...(example !== undefined && { example }) },
});
const answer = (description: string, id: string, example?: unknown, headers?: object) => ({
  description,
  ...(headers && { headers }),
  content: json(id, example),
});
const problem = (description: string, headers?: object) => ({
  description,
  ...(headers && { headers }),
  content: { 'application/problem+json': { schema: schemaRef('Problem') } },
});
const later = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
};
const allow = { Allow: { description: 'The methods that there are.', schema: { type: 'string' } } };

/** What every request may be answered with where API_TOKEN or RATE_LIMIT is set. */
const guarded = {
  401: problem('This service has an API_TOKEN, and the request did not bring it.', {
    'WWW-Authenticate': { description: 'RFC 6750.', schema: { type: 'string' } },
  }),
  429: problem('This client has sent more than RATE_LIMIT requests within one second.', later),
};

/** What every request with a body may be answered with. */
const refused = {
  ...guarded,
  400: problem('The body is not JSON, or fields are wrong: one entry in `errors` for each.'),
  405: problem('This method is not possible here.', allow),
  413: problem('The body is too large.'),
  415: problem('The body has another type, character set or encoding than those accepted.'),
  503: problem(
    'Kafka cannot be reached and nothing was booked, or Kafka did not answer in time (`outcome-unknown`): then the ride may be booked.',
    later,
  ),
};
const keyed = {
  409: problem('The first request with this Idempotency-Key is not answered yet.', later),
  422: problem('The customer has used this Idempotency-Key with another body.'),
};
const parameters = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'draft-ietf-httpapi-idempotency-key-header: text in double quotes, 1 to 255 printable ASCII characters; the quotes may be left out. A repeat with the same key and body is answered like the first request and books nothing, also after a restart and by another process, as far back as the view of rides reaches. Keys of two customers have nothing to do with each other.',
    schema: { type: 'string', maxLength: 512 },
    example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
  },
  {
    name: 'traceparent',
    in: 'header',
    description: 'W3C Trace Context; passed on with the ride. A new trace is begun without it.',
    schema: { type: 'string' },
  },
];

export function openApi() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'rideflow: rides',
      version: '1.0.0',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Books rides and tells what became of them. A ride is accepted (202) when Kafka has it on disk; it is decided a moment later, and its decision is read with GET. Failures are problems of RFC 9457.',
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
              'Kafka has the ride: it will be decided.',
              'Accepted',
              { ride, stored },
              {
                Location: { description: 'Where the ride can be read.', schema: { type: 'string' } },
              },
            ),
            ...refused,
            ...keyed,
          },
        },
        get: {
          operationId: 'listRides',
          tags: ['rides'],
          summary: 'The newest rides, newest first',
          parameters: [
            {
              name: 'limit',
              in: 'query',
              schema: { type: 'integer', minimum: 1, maximum: maxList, default: defaultList },
            },
          ],
          responses: {
            200: answer('The rides.', 'RideList', { rides: [state] }),
            ...guarded,
            400: problem('The limit is wrong.'),
          },
        },
      },
      '/rides/batch': {
        post: {
          operationId: 'bookRides',
          tags: ['rides'],
          summary: 'Book many rides at once',
          description:
            'One wrong ride does not spoil the others: each has its own result. With an Idempotency-Key, the key and the position in the batch stand for the ride, so that the same batch can be sent again.',
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
                  description: 'One RideRequest per line. application/jsonl is the same.',
                },
                example: `${JSON.stringify(request)}\n`,
              },
            },
          },
          responses: {
            202: answer('One result per ride, in the order given.', 'BatchResults', {
              results: [{ status: 202, ride, stored }],
            }),
            ...refused,
          },
        },
      },
      '/rides/{id}': {
        get: {
          operationId: 'readRide',
          tags: ['rides'],
          summary: 'What became of a ride',
          description:
            'From a view of the newest rides that each process builds from both topics. An id that foreign writers used several times stands for their newest ride.',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: {
            200: answer('What is known of the ride.', 'RideState', state),
            ...guarded,
            400: problem('The path is not well-formed.'),
            404: problem('The ride is unknown here, or so old that it was forgotten.'),
            503: problem('The process has just started and cannot tell yet.', later),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Wanted where API_TOKEN is set, and not else.',
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
