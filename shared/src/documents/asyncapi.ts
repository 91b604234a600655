/**
 * The messages between the services as AsyncAPI 3.0: channels, messages, and who sends and receives them with which guarantee.
 */

import { longestIdentity } from '../reading.ts';
import { type TopicName, topics } from '../topics.ts';
import { deadLetterTopic, type ReaderName, type ServiceName, topology } from '../topology.ts';
import { confirmed, decidedHeaders, rejected, requestedHeaders, ride } from './examples.ts';
import { jsonSchemas, schemaRef } from './schemas.ts';

const services = Object.keys(topology) as ServiceName[];
const readers = services.filter((service): service is ReaderName => topology[service].reads !== null);

const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more });

/** The CloudEvents 1.0 Kafka binding in binary mode. Foreign writers can leave all of them out. */
const headers = {
  ce_specversion: text('Version of CloudEvents.', { const: '1.0' }),
  ce_id: text(
    `The identity of the message. A repeated message has the same identity. Up to ${longestIdentity} bytes.`,
  ),
  ce_source: text('The service that wrote the message.', { format: 'uri-reference' }),
  'content-type': text('Media type of the value.', { const: 'application/json' }),
  traceparent: text('W3C Trace Context.', { pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' }),
};
const cause = {
  ce_cause: text('Coordinates of the message that caused this one: topic/partition/offset.', {
    pattern: '^[A-Za-z0-9._-]+/\\d+/\\d+$',
  }),
  ce_causeid: text('Identity of the message that caused this one.'),
};
const parked = {
  dead_letter_reason: text('Why the reader can never process the message.'),
  dead_letter_from: text('Coordinates of the original message.'),
  dead_letter_timestamp: text('When Kafka received the original message, in milliseconds since 1970.', {
    pattern: '^-?\\d+$',
  }),
  dead_letter_by: text('The service that parked the message.'),
  dead_letter_at: text('When the service parked the message.', { format: 'date-time' }),
};
const headersOf = (type: string, more: object = {}) => ({
  type: 'object',
  properties: { ...headers, ce_type: text('What happened.', { const: type }), ...more },
  required: [
    'ce_specversion',
    'ce_id',
    'ce_type',
    'ce_source',
    'content-type',
    'traceparent',
    ...Object.keys(more),
  ],
});

const key = {
  kafka: {
    key: text('The customer_id: the rides of one customer stay in order.', {
      pattern: '^[A-Za-z0-9_.-]{1,64}$',
    }),
    bindingVersion: '0.5.0',
  },
};
const messages = {
  RideDetails: {
    name: 'rideflow.ride.requested',
    title: 'A customer requests a ride',
    contentType: 'application/json',
    headers: headersOf(topics.ride_details.type),
    payload: schemaRef('RideDetails'),
    bindings: key,
    examples: [{ name: 'request', headers: requestedHeaders, payload: ride }],
  },
  RideConfirmed: {
    name: 'rideflow.ride.decided',
    title: 'A ride was decided: confirmed or rejected',
    contentType: 'application/json',
    headers: headersOf(topics.ride_confirmed.type, cause),
    payload: schemaRef('RideConfirmed'),
    bindings: key,
    examples: [
      { name: 'confirmed', headers: decidedHeaders, payload: confirmed },
      {
        name: 'rejected',
        summary: 'A rejected ride is a normal message, not an error',
        headers: decidedHeaders,
        payload: rejected,
      },
    ],
  },
  DeadLetter: {
    name: 'DeadLetter',
    title: 'A message that its reader can never process',
    summary: 'The original key, value and headers, unchanged, and the reason why the message is parked.',
    headers: { type: 'object', properties: parked, required: Object.keys(parked) },
    payload: { description: 'The original value, byte for byte.' },
  },
};
const messageOn: Record<TopicName, keyof typeof messages> = {
  ride_details: 'RideDetails',
  ride_confirmed: 'RideConfirmed',
};

const channel = (address: string, description: string, message: keyof typeof messages) => ({
  address,
  description,
  messages: { [message]: { $ref: `#/components/messages/${message}` } },
  bindings: { kafka: { topic: address, bindingVersion: '0.5.0' } },
});
const channels = {
  ...Object.fromEntries(
    Object.values(topics).map(({ name }) => {
      const message = messageOn[name as TopicName];
      return [
        name,
        channel(name, `${messages[message].title}. All topics have the same number of partitions.`, message),
      ];
    }),
  ),
  ...Object.fromEntries(
    readers.map((service) => {
      const name = deadLetterTopic(service);
      const what = `Messages that ${service} can never process. Dead-letter topics are not channels between services.`;
      return [name, channel(name, what, 'DeadLetter')];
    }),
  ),
};

/** @param groupId the consumer group, if the service reads in one */
function operation(
  service: ServiceName,
  action: 'send' | 'receive',
  verb: string,
  topic: string,
  description: string,
  groupId?: object,
) {
  const { messages: there } = (channels as Record<string, ReturnType<typeof channel>>)[topic] ?? {};
  return {
    action,
    channel: { $ref: `#/channels/${topic}` },
    title: `${service} ${verb} ${topic}`,
    description,
    tags: [{ name: service }],
    messages: Object.keys(there ?? {}).map((message) => ({
      $ref: `#/channels/${topic}/messages/${message}`,
    })),
    ...(groupId && { bindings: { kafka: { groupId, bindingVersion: '0.5.0' } } }),
  };
}

const parks = 'Parks a message that it can never process, with the reason, and continues.';
const follows =
  'For GET /rides: every rides process reads all partitions, from a bounded number of messages before the end. It has no consumer group and commits nothing.';

function operations() {
  const all = services.flatMap((service) => {
    const { reads, writes, guarantee, possible } = topology[service];
    const choice = possible.length > 1 ? ` (possible values of GUARANTEE: ${possible.join(', ')})` : '';
    const howOften = guarantee.replaceAll('-', ' ') + choice;
    const promise = `Each message takes effect ${howOften}.`;
    const accepted = `Each accepted ride is written ${howOften}.`;
    const group = { type: 'string', const: service };
    return [
      reads && operation(service, 'receive', 'reads', reads, promise, group),
      writes && operation(service, 'send', 'writes', writes, reads ? promise : accepted),
      reads && operation(service, 'send', 'parks messages on', deadLetterTopic(service as ReaderName), parks),
    ];
  });
  for (const topic of Object.keys(topics)) all.push(operation('rides', 'receive', 'follows', topic, follows));
  const there = all.filter((operation) => operation !== null);
  return Object.fromEntries(there.map((operation) => [operation.title.replaceAll(' ', '.'), operation]));
}

export function asyncApi() {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'rideflow',
      version: '1.1.0',
      license: { name: 'MIT' },
      description:
        'A ride-booking system of four services that communicate only through two Kafka topics. Writers are strict: their messages satisfy these schemas. Readers are tolerant: they also accept an integer id or none, a location as the text "Lat: 12.97, Long: 77.59" or none, a missing status, unknown fields, a missing key and missing headers.',
    },
    defaultContentType: 'application/json',
    servers: { local: { host: 'localhost:9092', protocol: 'kafka', description: 'On this machine' } },
    channels,
    operations: operations(),
    components: { messages, schemas: jsonSchemas(['RideDetails', 'RideConfirmed', 'Location'], 'draft-7') },
  };
}
