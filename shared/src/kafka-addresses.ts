/** Parses lists of Kafka brokers, as in `KAFKA_BROKERS` and `--brokers`. */
import { isIPv6 } from 'node:net';

/** What is accepted, as the end of a sentence. */
export const acceptedBrokers =
  'must be host:port, several separated by commas, with IPv6 addresses in brackets, such as [::1]:9092';

/**
 * The brokers of a list: `localhost:9092, [::1]:9093` gives `['localhost:9092', '[::1]:9093']`. Spaces around an address are
 * ignored.
 * @returns undefined when one of them is not `host:port`
 */
export function parseBrokers(list: string): string[] | undefined {
  const brokers = list.split(',').map((address) => address.trim());
  return brokers.every((address) => splitAddress(address)) ? brokers : undefined;
}

/** Host, without brackets, and port of `host:port` or `[::1]:9092`; undefined if it is neither. */
export function splitAddress(address: string): { host: string; port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^\s,:[\]/@]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = plain ?? (bracketed && isIPv6(bracketed) ? bracketed : undefined);
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
}
