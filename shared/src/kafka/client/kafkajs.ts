/**
 * kafkajs 2.2.4, repaired and made faster. Everything of kafkajs that the product uses comes from here, types too, so no order of
 * imports matters: Node evaluates the imports below from top to bottom, and kafkajs itself comes last. It keeps the parts that
 * it finds at that moment.
 */
import './pinned.ts';
// What is wrong in kafkajs.
import './repairs/ipv6-addresses.ts'; // first, since others load the module that uses it
import './repairs/idle-timers.ts';
import './repairs/takeover-retry.ts';
import './repairs/aborted-transactions.ts';
import './repairs/lost-coordinator.ts';
import './repairs/marker-only-batches.ts';
import './repairs/out-of-range.ts';
import './repairs/silent-broker.ts';
import './repairs/one-join.ts';
// The same results, sooner.
import './faster/fetched-batch.ts';
import './faster/group-messages.ts';
import './faster/produce.ts';
import './faster/remembered-coordinator.ts';
// What it does not tell.
import './unreachable.ts';
import './refused-times.ts';
// What it cannot read. It wraps the decoder of faster/fetched-batch.ts.
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
// Node finds no names for these in kafkajs, which is a CommonJS module.
export const {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} = kafkajs;
