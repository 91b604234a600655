/** One validated schema per service for what its environment may say. */
import { z } from 'zod';
import { guarantees, type ServiceName, topology } from './topology.ts';

const acceptedBrokers = 'must be host:port, several separated by commas';
const brokerList = z
  .string()
  .regex(/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/, acceptedBrokers)
  .transform((text) => text.split(','))
  .refine((brokers) => brokers.every((broker) => Number(broker.split(':')[1]) <= 65535), acceptedBrokers);
export const portNumber = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535')
  .transform(Number)
  .refine((port) => port <= 65535, 'must be a port number, 0 to 65535');
/** A whole number in a range, from text. */
export const wholeNumber = (min: number, max: number) => {
  const accepted = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+$/, accepted)
    .transform(Number)
    .refine((n) => n >= min && n <= max, accepted);
};

/** What every service understands. `port` is the default of PORT. */
export function commonConfig(service: ServiceName, port: number) {
  const { guarantee, possible } = topology[service];
  return {
    KAFKA_BROKERS: brokerList
      .default(['localhost:9092'])
      .describe('Kafka to connect to, host:port, several separated by commas'),
    HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
    PORT: portNumber.default(port).describe('port to listen on'),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('least severe log line that is written'),
    PARTITIONS: wholeNumber(1, 100)
      .default(3)
      .describe('partitions of each topic, when this process creates them'),
    REPLICATION_FACTOR: wholeNumber(1, 5)
      .default(1)
      .describe('copies of each topic, when this process creates them'),
    KAFKA_TLS: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true')
      .describe('connect to Kafka over TLS'),
    KAFKA_TLS_CA: z
      .string()
      .optional()
      .describe('file with the certificate authority of Kafka, PEM; implies TLS'),
    KAFKA_SASL_MECHANISM: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
      .optional()
      .describe('how to log in to Kafka'),
    KAFKA_SASL_USERNAME: z.string().optional().describe('who to log in as'),
    KAFKA_SASL_PASSWORD: z.string().optional().describe('the password; never logged'),
    GUARANTEE: z
      .enum(guarantees)
      .refine(
        (g) => (possible as readonly string[]).includes(g),
        `must be one of ${possible.join(', ')} for ${service}`,
      )
      .default(guarantee)
      .describe('how often the effect of one message happens'),
  };
}

/**
 * Reads the environment. An empty variable counts as unset.
 * @throws ConfigError one line per wrong variable: its name, its value, what is accepted
 */
export function readConfig<S extends z.ZodRawShape>(
  shape: S,
  env: NodeJS.ProcessEnv,
): z.output<z.ZodObject<S>> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in shape && value !== ''),
  );
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const shown = secret.test(name) ? '(hidden)' : JSON.stringify(given[name] ?? null);
    return `${name}=${shown}: ${issue.message}`;
  });
  throw new ConfigError(lines.join('\n'));
}

const secret = /PASSWORD|SECRET|TOKEN/;

export class ConfigError extends Error {
  override name = 'ConfigError';
}

export type CommonConfig = z.output<z.ZodObject<ReturnType<typeof commonConfig>>>;
