/** Connections to Kafka. Each purpose has a Kafka object of its own: clients of one object share offsets they should not. */
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

/** What a connection needs of a service. */
export interface Client {
  name: string;
  /** The client id; without it `rideflow-<name>`. */
  process?: string;
  config: CommonConfig;
  log: Logger;
}

/** How each purpose tries again. kafkajs gives a consumer five tries, whatever its Kafka object says: hand it `consume` yourself. */
export const retries = {
  /**
   * Joining a group and reading: survives a broker that is away for minutes, since what comes next is dear. The consumer starts
   * anew as another member of its group, and waits until the session of the member that it was has ended.
   */
  consume: {
    initialRetryTime: 100,
    multiplier: 1.5,
    maxRetryTime: 1000,
    retries: 300,
    restartOnFailure: async () => true,
  },
  /**
   * Publishing: never lets an error of a single flush escape, since a producer is unusable after one. The reconnect uses
   * the retry of the Kafka object, not that of the producer, so it must be set here.
   */
  publish: { initialRetryTime: 20, multiplier: 2, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER },
  /** Transactions: the first retry nearly always succeeds, the markers of the previous transaction being written. About 14 s in all. */
  transact: { initialRetryTime: 3, multiplier: 1.5, factor: 0.2, maxRetryTime: 500, retries: 40 },
  admin: { initialRetryTime: 100, multiplier: 1.5, maxRetryTime: 1000, retries: 5 },
} satisfies Record<string, RetryOptions>;

/**
 * How long a consumer or a producer believes what it knows of topics, in milliseconds: afterwards it hears of new partitions. kafkajs
 * would wait for five minutes. An admin asks each time.
 */
export const metadataMaxAge = 10_000;

/** A new Kafka object for one purpose. */
export function connect({ name, process, config, log }: Client, purpose: keyof typeof retries): Kafka {
  return new Kafka({
    clientId: process ?? `rideflow-${name}`,
    brokers: config.KAFKA_BROKERS,
    ...security(config),
    retry: retries[purpose],
    // A broker that hangs is noticed after 5 s; the default is 30.
    requestTimeout: 5000,
    connectionTimeout: 3000,
    logLevel: logLevel.INFO,
    logCreator: logTo(log),
  });
}

/** TLS and login, in the words of kafkajs. */
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

/** How this process comes to Kafka, in words: `as email by plain, over TLS`. It helps with a broker that refuses. */
export function loginOf(config: CommonConfig): string {
  const { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_TLS, KAFKA_TLS_CA } = config;
  const who = KAFKA_SASL_MECHANISM
    ? `as ${KAFKA_SASL_USERNAME} by ${KAFKA_SASL_MECHANISM}`
    : 'without a login';
  return `${who}, ${KAFKA_TLS || KAFKA_TLS_CA ? 'over TLS' : 'without TLS'}`;
}

/**
 * kafkajs logs conditions that it retries by itself as errors. Errors, for us, are only those that our own code receives,
 * and a consumer that stops for good (see consume.ts), so nothing of kafkajs is above a warning.
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
