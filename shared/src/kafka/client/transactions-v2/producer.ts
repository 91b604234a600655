/**
 * Transactions of version 2 (KIP-890, Kafka 4.0). The brokers add partitions and groups to a transaction by themselves, so one
 * transaction is three requests in series instead of five. Each transaction has an epoch of its own: a late request of an
 * earlier transaction is refused, and a marker cannot end another transaction than its own.
 *
 * kafkajs keeps its state machine, which counts in the epoch that the producer began with. Here its brokers answer
 * AddPartitionsToTxn and AddOffsetsToTxn without a request, and send newer versions of the others, in the current epoch. The
 * version is chosen when a producer gets its id, so the next producer decides anew after an upgrade or a downgrade of Kafka.
 */
import { createRequire } from 'node:module';
import type { Kafka } from 'kafkajs';
import type { ProduceOptions } from '../faster/produce.ts';
import { onClusters } from '../kafkajs-internals.ts';
import { transactionRetry } from '../repairs/takeover-retry.ts';
import { committerOf } from './membership.ts';
import {
  askAbilities,
  type Exchange,
  endTxn,
  needed,
  type Offsets,
  type ProducerOfNow,
  produce,
  txnOffsetCommit,
  unsupported,
} from './requests.ts';

interface Start {
  producerId: string;
  producerEpoch: number;
}
interface Broker {
  versions: Record<number, { maxVersion: number } | undefined>;
  initProducerId(of: { transactionalId?: string }): Promise<Start>;
  addPartitionsToTxn(of: object): Promise<unknown>;
  addOffsetsToTxn(of: object): Promise<unknown>;
  txnOffsetCommit(of: Offsets): Promise<unknown>;
  endTxn(of: { transactionResult: boolean }): Promise<unknown>;
  produce(of: ProduceOptions): Promise<unknown>;
}
/** The brokers of one client. */
interface Cluster {
  findBroker(of: { nodeId: string }): Promise<Broker>;
}

const require = createRequire(import.meta.url);
const createRetry = require('kafkajs/src/retry') as (
  options: object,
) => <T>(attempt: (bail: (error: unknown) => void) => Promise<T>) => Promise<T>;
const { prototype: cluster } = require('kafkajs/src/cluster') as { prototype: Cluster };
const { prototype: broker } = require('kafkajs/src/broker') as { prototype: Broker };
const sendRequest = Object.getOwnPropertySymbols(broker).find(
  ({ description }) => description === 'private:Broker:sendRequest',
) as symbol;

/** A transactional producer of version 2, in its current epoch. */
class Epoch implements ProducerOfNow {
  readonly transactionalId: string;
  producerId = '';
  producerEpoch = -1;
  /** For each partition, the sequence of kafkajs that is 0 in this epoch. */
  #zeros = new Map<string, number>();

  constructor(transactionalId: string, start: Start) {
    this.transactionalId = transactionalId;
    this.begin(start);
  }

  /** The next epoch, or the first one of another producer id. Sequences begin anew. */
  begin({ producerId, producerEpoch }: Start): void {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.#zeros.clear();
  }

  /** The same records with the producer id, epoch and sequences of now. */
  of(options: ProduceOptions): ProduceOptions {
    const { producerId, producerEpoch } = this;
    const topicData = options.topicData.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ firstSequence = 0, ...rest }) => {
        const place = `${topic}/${rest.partition}`;
        const zero = this.#zeros.get(place) ?? firstSequence;
        this.#zeros.set(place, zero);
        return { ...rest, firstSequence: firstSequence - zero };
      }),
    }));
    return { ...options, producerId, producerEpoch, topicData };
  }
}

/** Each client has brokers of its own, and each producer is one client. */
const clientOf = new WeakMap<Broker, Cluster>();
const epochs = new WeakMap<Cluster, Epoch>();
const epochOf = (broker: Broker) => epochs.get(clientOf.get(broker) as Cluster);
const version1 = new WeakSet<object>();

/** From now on, all transactions of this Kafka object have version 1, as before Kafka 4.0. */
export function keepToVersion1(kafka: Kafka): void {
  onClusters(kafka, (cluster) => version1.add(cluster));
}

const { findBroker } = cluster;
cluster.findBroker = async function (this: Cluster, node) {
  const found = await findBroker.call(this, node);
  clientOf.set(found, this);
  return found;
};

const answers = ({ versions }: Broker, { request: { apiKey, apiVersion } }: Exchange<unknown>) =>
  (versions[apiKey]?.maxVersion ?? 0) >= apiVersion;

/** @throws KafkaJSProtocolError UNSUPPORTED_VERSION where the broker is older than the one that gave the producer its id */
async function send<T>(to: Broker, exchange: Exchange<T>): Promise<T> {
  if (!answers(to, exchange)) throw unsupported();
  const broker = to as unknown as Record<symbol, (exchange: Exchange<T>) => Promise<T>>;
  return broker[sendRequest]?.(exchange) as Promise<T>;
}

/** The first request of a transaction is refused until the markers of the previous one are written. */
function afterPrevious<T>(to: Broker, exchange: Exchange<T>): Promise<T> {
  return createRetry(transactionRetry)(async (bail) => {
    try {
      return await send(to, exchange);
    } catch (error) {
      if ((error as { type?: string }).type === 'CONCURRENT_TRANSACTIONS') throw error;
      return bail(error) as never;
    }
  });
}

/** Whether the whole cluster has it, and this broker is new enough. */
async function hasVersion2(broker: Broker): Promise<boolean> {
  if (!answers(broker, askAbilities())) return false;
  const { versions, features } = await send(broker, askAbilities());
  const newer = [...needed].every(([key, version]) => (versions.get(key) ?? 0) >= version);
  return newer && (features.get('transaction.version') ?? 0) >= 2;
}

const { initProducerId, addPartitionsToTxn, addOffsetsToTxn, txnOffsetCommit: commitOffsets } = broker;
const { endTxn: endTransaction, produce: produceAsKafkajs } = broker;

broker.initProducerId = async function (this: Broker, of) {
  const start = await initProducerId.call(this, of);
  const client = clientOf.get(this);
  if (of.transactionalId === undefined || !client) return start;
  epochs.delete(client);
  if (!version1.has(client) && (await hasVersion2(this)))
    epochs.set(client, new Epoch(of.transactionalId, start));
  return start;
};
broker.addPartitionsToTxn = async function (this: Broker, of) {
  return epochOf(this) ? undefined : addPartitionsToTxn.call(this, of);
};
broker.addOffsetsToTxn = async function (this: Broker, of) {
  return epochOf(this) ? undefined : addOffsetsToTxn.call(this, of);
};
broker.produce = async function (this: Broker, of) {
  const epoch = of.transactionalId ? epochOf(this) : undefined;
  return epoch ? afterPrevious(this, produce(epoch.of(of))) : produceAsKafkajs.call(this, of);
};
broker.txnOffsetCommit = async function (this: Broker, of) {
  const epoch = epochOf(this);
  return epoch
    ? afterPrevious(this, txnOffsetCommit(epoch, of, committerOf(of.topics)))
    : commitOffsets.call(this, of);
};
broker.endTxn = async function (this: Broker, of) {
  const epoch = epochOf(this);
  if (!epoch) return endTransaction.call(this, of);
  epoch.begin(await send(this, endTxn(epoch, of.transactionResult)));
  return undefined;
};
