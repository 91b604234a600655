/** Why Kafka could not do what it was asked for, in words that say what to do where an address is the reason. */
import { unreachable } from './unreachable.ts';

interface Failure {
  message: string;
  /** kafkajs: what went wrong with each topic. */
  errors?: { topic?: string; message: string }[];
}

/**
 * A cluster sends its clients on to the addresses that it advertises, and those may be known elsewhere only: in the network of its
 * containers, for example.
 * @param brokers the addresses in KAFKA_BROKERS
 */
export function reasonOf(error: unknown, brokers: string[], failed = unreachable): string {
  const { message, errors } = error as Failure;
  const details = errors?.map(({ topic, message }) => `${topic}: ${message}`).join('; ');
  if (details) return `${message}: ${details}`;
  const named = brokers.map((address) => address.replaceAll(/[[\]]/g, '')); // as kafkajs writes IPv6
  if (named.every((address) => failed.has(address))) return message;
  for (const [address, code] of failed) {
    const problem = whatIsWrong(code);
    if (problem && !named.includes(address))
      return (
        `Kafka answers at ${brokers.join(', ')} and sends clients on to ${address}, ${problem}. Name a listener that advertises an ` +
        'address that this machine reaches (advertised.listeners), or give this machine that name, for example in its hosts file'
      );
  }
  return message;
}

function whatIsWrong(code: string): string | undefined {
  if (['ENOTFOUND', 'EAI_AGAIN'].includes(code)) return 'a name that this machine does not know';
  if (['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code)) return `where nobody answers (${code})`;
  return undefined;
}
