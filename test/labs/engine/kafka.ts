/** kafkajs as a student would create it, with short waits: a check is to take seconds. */
import { type ConsumerConfig, Kafka, logLevel } from '@rideflow/shared/kafka/client/kafkajs.ts';

const retry = { initialRetryTime: 50, maxRetryTime: 300, retries: 20 };

/** @param onClient called with each client that is created @param quiet logs nothing */
export function kafkaOf(
  brokers: string[],
  onClient: (client: { disconnect(): Promise<void> }, kind: 'consumer' | 'producer' | 'admin') => void,
  quiet = false,
): Kafka {
  const kafka = new Kafka({
    clientId: 'lab',
    brokers,
    logLevel: quiet ? logLevel.NOTHING : logLevel.ERROR,
    retry,
    logCreator:
      () =>
      ({ log: { message, error, stack } }) =>
        console.error([message, stack ?? error].filter(Boolean).join(' ')),
  });
  const { consumer, producer, admin } = kafka;
  const told = <C extends { disconnect(): Promise<void> }>(
    client: C,
    kind: 'consumer' | 'producer' | 'admin',
  ) => {
    onClient(client, kind);
    return client;
  };
  kafka.consumer = (config?: ConsumerConfig) =>
    told(
      consumer.call(kafka, {
        sessionTimeout: 6000,
        heartbeatInterval: 500,
        maxWaitTimeInMs: 100,
        retry,
        ...(config as ConsumerConfig),
      }),
      'consumer',
    );
  kafka.producer = (config) => told(producer.call(kafka, config), 'producer');
  kafka.admin = (config) => told(admin.call(kafka, config), 'admin');
  return kafka;
}
