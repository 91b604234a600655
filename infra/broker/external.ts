import type { Broker } from './broker.ts';
import { answers } from './ports.ts';

/**
 * The cluster that KAFKA_BROKERS names. Whether it lets this user in shows when the services connect.
 * @throws Error when the list is malformed or nothing answers at any of its addresses
 */
export async function external(list: string): Promise<Broker> {
  const brokers = list
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);
  for (const address of brokers) {
    const [, host, port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(address) ?? [];
    if (!host || !port) {
      throw new Error(
        `KAFKA_BROKERS contains "${address}"; accepted is host:port, several separated by commas.`,
      );
    }
    if (await answers(host, Number(port), 5000)) return externalBroker(brokers);
  }
  throw new Error(
    `KAFKA_BROKERS is "${list}", but nothing answers there. Start that Kafka, or unset KAFKA_BROKERS.`,
  );
}

function externalBroker(brokers: string[]): Broker {
  const notOurs = async () => {
    throw new Error(
      'The cluster that KAFKA_BROKERS names was not started here, so its brokers are not stopped either.',
    );
  };
  return {
    brokers,
    how: `Kafka is the cluster at ${brokers.join(', ')}, because KAFKA_BROKERS names it.`,
    stop: async () => {},
    kill: notOurs,
    restart: notOurs,
    freeze: notOurs,
    thaw: notOurs,
  };
}
