import { readKafkaConfig } from '@rideflow/shared/config.ts';
import { splitAddress } from '@rideflow/shared/kafka-addresses.ts';
import type { Broker } from './broker.ts';
import { answers } from './ports.ts';

/**
 * The cluster that KAFKA_BROKERS names. The login is only checked when the services connect.
 * @throws Error when the list is malformed or no address answers
 */
export async function external(env: NodeJS.ProcessEnv): Promise<Broker> {
  const { KAFKA_BROKERS: brokers } = readKafkaConfig(env);
  for (const address of brokers) {
    const { host = '', port = 0 } = splitAddress(address) ?? {};
    if (await answers(host, port, 5000)) return externalBroker(brokers);
  }
  throw new Error(
    `KAFKA_BROKERS is "${brokers.join(', ')}", but nothing answers there. Start that Kafka, or unset KAFKA_BROKERS.`,
  );
}

function externalBroker(brokers: string[]): Broker {
  const notOurs = async () => {
    throw new Error(
      'The cluster that KAFKA_BROKERS names was not started here, so its brokers cannot be stopped here.',
    );
  };
  return {
    brokers,
    how: `Using the Kafka cluster at ${brokers.join(', ')}, because KAFKA_BROKERS names it.`,
    stop: async () => {},
    kill: notOurs,
    restart: notOurs,
    freeze: notOurs,
    thaw: notOurs,
  };
}
