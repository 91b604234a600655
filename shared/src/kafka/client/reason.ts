/** The reason why a request to Kafka failed. If an address is the reason, the text says what to do. */
import { unreachable } from './unreachable.ts';

interface Failure {
  message: string;
  /** kafkajs: the error of each topic. */
  errors?: { topic?: string; message: string }[];
}

/**
 * A cluster redirects its clients to its advertised addresses. These may only be known elsewhere, for example in the network
 * of its containers.
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
        `Kafka answers at ${brokers.join(', ')} but advertises ${address}, ${problem}. Use a listener that advertises an ` +
        'address that this machine can reach (advertised.listeners), or add that name to the hosts file of this machine'
      );
  }
  return message;
}

function whatIsWrong(code: string): string | undefined {
  if (['ENOTFOUND', 'EAI_AGAIN'].includes(code)) return 'a name that this machine cannot resolve';
  if (['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code))
    return `where nothing answers (${code})`;
  return undefined;
}
