/** Remembers brokers that refuse connections, because kafkajs hides the reason. */
import { createRequire } from 'node:module';

interface Broker {
  /** `host:port`, from the advertised listeners or from KAFKA_BROKERS. */
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

/** The address of each broker whose last connection failed, with the system's error code. */
export const unreachable: ReadonlyMap<string, string> = codes;
