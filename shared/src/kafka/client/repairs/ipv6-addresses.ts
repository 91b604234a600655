/**
 * kafkajs takes what stands before the first colon of an address for the host: of `[::1]:9092` that is a bracket. So the brokers that
 * KAFKA_BROKERS names are chosen here, in turn as there save for those that are silent, and handed over as host and port.
 */
import { createRequire } from 'node:module';
import { splitAddress } from '../../../kafka-addresses.ts';
import { heard } from './silence.ts';

interface Destination {
  host?: string;
  port?: number;
  rack?: string;
}
type CreateBuilder = (options: { brokers: string[] }) => { build(to?: Destination): Promise<unknown> };

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/cluster/connectionPoolBuilder');
const stockBuilder = require(path) as CreateBuilder;
(require.cache[path] as NodeJS.Module).exports = createBuilder;

/** As that of kafkajs, which knows host names and IPv4 only. */
export function createBuilder(options: Parameters<CreateBuilder>[0]): ReturnType<CreateBuilder> {
  const { build } = stockBuilder(options);
  let turn = 0;
  return {
    async build(to) {
      if (to?.host) return build(to);
      const brokers = heard(options.brokers.flatMap((address) => splitAddress(address) ?? []));
      return build(brokers[turn++ % brokers.length]);
    },
  };
}
