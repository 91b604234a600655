/**
 * kafkajs uses the text before the first colon as the host, which is a bracket for `[::1]:9092`. So the brokers in
 * KAFKA_BROKERS are chosen here, in turn as in kafkajs but without silent ones, and passed on as host and port.
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

/** Replaces the function of kafkajs, which only supports host names and IPv4. */
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
