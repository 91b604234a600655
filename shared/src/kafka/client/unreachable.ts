/** Remembers which brokers could not be connected to: kafkajs swallows why, and returns nothing where it asks any broker of several. */
import { createRequire } from 'node:module';

interface Broker {
  /** `host:port`, as the cluster advertises it or as KAFKA_BROKERS names it. */
  brokerAddress: string;
  connect(): Promise<void>;
}

const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker') as { prototype: Broker };
const codes = new Map<string, string>();

const connectAsKafkajs = prototype.connect;
prototype.connect = async function (this: Broker) {
  try {
    await connectAsKafkajs.call(this);
    codes.delete(this.brokerAddress);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code) codes.set(this.brokerAddress, code);
    throw error;
  }
};

/** The address of each broker whose last connection failed, and the code of the system's error. */
export const unreachable: ReadonlyMap<string, string> = codes;
