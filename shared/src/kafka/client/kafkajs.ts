/**
 * kafkajs 2.2.4 with repairs and faster parts. The product imports everything of kafkajs from here, including types, so the
 * import order elsewhere does not matter. Node evaluates the imports below from top to bottom. kafkajs itself must come last,
 * because it keeps the parts that it finds at that moment.
 */
import './pinned.ts';
// Bugs in kafkajs.
import './repairs/ipv6-addresses.ts'; // first, because the others load the module that uses it
import './repairs/idle-timers.ts';
import './repairs/takeover-retry.ts';
import './repairs/aborted-transactions.ts';
import './repairs/lost-coordinator.ts';
import './repairs/marker-only-batches.ts';
import './repairs/out-of-range.ts';
import './repairs/silent-broker.ts';
import './repairs/stop-while-brokers-change.ts';
import './repairs/one-join.ts';
// The same results, faster.
import './faster/fetched-batch.ts';
import './faster/group-messages.ts';
import './faster/produce.ts';
import './faster/remembered-coordinator.ts';
// Newer requests.
import './transactions-v2/membership.ts';
import './transactions-v2/producer.ts';
// Information that kafkajs hides.
import './unreachable.ts';
import './refused-times.ts';
// Data that kafkajs cannot read. Wraps the decoder of faster/fetched-batch.ts.
import './decoding/unreadable.ts';
import './decoding/codecs.ts';
import kafkajs from 'kafkajs';

export type {
  AclEntry,
  Admin,
  Batch,
  Consumer,
  ConsumerConfig,
  EachBatchPayload,
  IHeaders,
  KafkaConfig,
  KafkaMessage,
  logCreator,
  Message,
  PartitionAssigner,
  Producer,
  ProducerBatch,
  RecordMetadata,
  RetryOptions,
  SASLOptions,
} from 'kafkajs';
export { AssignerProtocol, Kafka, logLevel, PartitionAssigners, Partitioners } from 'kafkajs';
// Node finds no named exports for these, because kafkajs is a CommonJS module.
export const {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} = kafkajs;
