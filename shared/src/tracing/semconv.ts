/**
 * The names of spans and attributes, by the semantic conventions of OpenTelemetry 1.45.0 for messaging, Kafka and HTTP servers.
 * Those for messaging are in development and change between versions, so they are written out here and nowhere else.
 */
export const schemaUrl = 'https://opentelemetry.io/schemas/1.45.0';

export const attribute = {
  system: 'messaging.system',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  partition: 'messaging.destination.partition.id',
  group: 'messaging.consumer.group.name',
  client: 'messaging.client.id',
  batchSize: 'messaging.batch.message_count',
  messageId: 'messaging.message.id',
  key: 'messaging.kafka.message.key',
  offset: 'messaging.kafka.offset',
  tombstone: 'messaging.kafka.message.tombstone',
  errorType: 'error.type',
  method: 'http.request.method',
  route: 'http.route',
  statusCode: 'http.response.status_code',
  path: 'url.path',
  scheme: 'url.scheme',
} as const;

/** Attributes that no convention has. */
export const own = {
  ride: 'rideflow.ride.id',
  attempt: 'rideflow.attempt',
  outcome: 'rideflow.outcome',
  replayedFrom: 'rideflow.replayed_from',
  nextOffset: 'rideflow.next_offset',
  transactionalId: 'rideflow.transactional_id',
  hidden: 'rideflow.hidden_by_transaction_ms',
} as const;

/** The type of each operation on Kafka. */
export const operationTypes = {
  create: 'create',
  send: 'send',
  poll: 'receive',
  process: 'process',
  commit: 'settle',
} as const;
export type Operation = keyof typeof operationTypes;

/** `send ride_details` */
export const spanName = (operation: Operation, destination?: string) =>
  destination === undefined ? operation : `${operation} ${destination}`;
