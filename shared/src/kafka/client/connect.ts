/**
 * Connections to Kafka. Each purpose has its own Kafka object, because clients of the same object share offsets that they must
 * not share.
 */
import type { CommonConfig } from '../../config.ts';
import type { Logger } from '../../log.ts';
import { readTextFile } from '../../text-file.ts';
import {
  Kafka,
  type KafkaConfig,
  type logCreator,
  logLevel,
  type RetryOptions,
  type SASLOptions,
} from './kafkajs.ts';
import { keepToVersion1 } from './transactions-v2/producer.ts';

/** What a connection needs of a service. */
export interface Client {
  name: string;
  /** The client id. Default: `rideflow-<name>`. */
  process?: string;
  config: CommonConfig;
  log: Logger;
}

/**
 * The retries of each purpose. kafkajs gives a consumer five retries, whatever its Kafka object says, so pass `consume` to the
 * consumer too.
 */
export const retries = {
  /**
   * Joining a group and reading: survives minutes without a broker, because giving up is expensive. The consumer would restart
   * as a new member of its group and wait for the session timeout of its old member.
   */
  consume: {
    initialRetryTime: 100,
    multiplier: 1.5,
    maxRetryTime: 1000,
    retries: 300,
    restartOnFailure: async () => true,
  },
  /**
   * Publishing: never lets the error of a flush escape, because a producer is unusable after one. The reconnect uses
   * the retry of the Kafka object, not that of the producer, so it must be set here.
   */
  publish: { initialRetryTime: 20, multiplier: 2, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER },
  /**
   * Transactions: the first retry nearly always succeeds, as soon as the markers of the previous transaction are written.
   * About 14 s in total.
   */
  transact: { initialRetryTime: 3, multiplier: 1.5, factor: 0.2, maxRetryTime: 500, retries: 40 },
  admin: { initialRetryTime: 100, multiplier: 1.5, maxRetryTime: 1000, retries: 5 },
} satisfies Record<string, RetryOptions>;

/**
 * How long a consumer or producer keeps its topic metadata, in milliseconds. After that it notices new partitions. The default
 * of kafkajs is five minutes. An admin client always asks.
 */
export const metadataMaxAge = 10_000;

/** A new Kafka object for one purpose. */
export function connect({ name, process, config, log }: Client, purpose: keyof typeof retries): Kafka {
  const kafka = new Kafka({
    clientId: process ?? `rideflow-${name}`,
    brokers: config.KAFKA_BROKERS,
    ...security(config),
    retry: retries[purpose],
    // Detects a hanging broker after 5 s; the default is 30 s.
    requestTimeout: 5000,
    connectionTimeout: 3000,
    logLevel: logLevel.INFO,
    logCreator: logTo(log),
  });
  if (config.KAFKA_TRANSACTION_VERSION === '1') keepToVersion1(kafka);
  return kafka;
}

/** TLS and login options for kafkajs. */
export function security(config: CommonConfig): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const { KAFKA_TLS, KAFKA_TLS_CA, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD_FILE } =
    config;
  return {
    ssl: KAFKA_TLS_CA ? { ca: [readTextFile(KAFKA_TLS_CA)] } : KAFKA_TLS,
    ...(KAFKA_SASL_MECHANISM && {
      sasl: {
        mechanism: KAFKA_SASL_MECHANISM,
        username: KAFKA_SASL_USERNAME,
        password: KAFKA_SASL_PASSWORD_FILE
          ? readTextFile(KAFKA_SASL_PASSWORD_FILE).trim()
          : config.KAFKA_SASL_PASSWORD,
      } as SASLOptions,
    }),
  };
}

/** How this process logs in to Kafka, for error messages: `as email by plain, over TLS`. */
export function loginOf(config: CommonConfig): string {
  const { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_TLS, KAFKA_TLS_CA } = config;
  const who = KAFKA_SASL_MECHANISM
    ? `as ${KAFKA_SASL_USERNAME} by ${KAFKA_SASL_MECHANISM}`
    : 'without a login';
  return `${who}, ${KAFKA_TLS || KAFKA_TLS_CA ? 'over TLS' : 'without TLS'}`;
}

/**
 * kafkajs logs conditions that it retries by itself as errors. For us, only errors that our own code receives are errors, and
 * a consumer that stops permanently (see consume.ts). So nothing from kafkajs is logged above warning.
 */
function logTo(log: Logger): logCreator {
  const kafka = log.child({ kafkajs: true });
  return () =>
    ({ namespace, level, log: { message, ...rest } }) => {
      const { timestamp, logger, stack, ...extra } = rest;
      if (/^Limiting retries|switched default partitioner/.test(message)) return;
      kafka[levelOf(namespace, level, message)]({ ...extra, namespace }, message);
    };
}

function levelOf(namespace: string, level: logLevel, message: string): 'warn' | 'debug' {
  if (level > logLevel.WARN) return 'debug';
  if (/^(Crash|Restarting the consumer)|not aware of this member/.test(message)) return 'warn';
  if (/^(Connection|Producer|BrokerPool|Cluster|ConsumerGroup|Runner|SaslAuthenticator-.*)$/.test(namespace))
    return 'debug';
  return 'warn';
}
