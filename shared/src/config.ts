/** One validated schema per service for what its environment may say. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseTrigger } from './crash-points.ts';
import { guarantees, type ServiceName, topology } from './topology.ts';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
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

const domainName = z
  .string()
  .regex(/^(?=.{1,189}$)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/i, 'must be a domain name such as example.com');

/** A bearer token: what a server wants and what its clients bring. */
export const bearerToken = z
  .string()
  .regex(
    /^[A-Za-z0-9._~+/-]{16,}=*$/,
    'must be 16 or more of the letters, digits and signs of a bearer token',
  );

const readableFile = z.string().superRefine((path, context) => {
  try {
    if (readFileSync(path, 'utf8').trim() === '') context.addIssue('must be a file that is not empty');
  } catch (error) {
    context.addIssue(
      `must be a file that can be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`,
    );
  }
});

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
    EMAIL_DOMAIN: domainName
      .default('example.com')
      .describe(
        'domain of the address that stands in when nobody gave one; of all services, since any of them may be the first to need it',
      ),
    KAFKA_TLS: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true')
      .describe('connect to Kafka over TLS'),
    KAFKA_TLS_CA: readableFile
      .optional()
      .describe('file with the certificate authority of Kafka, PEM; implies TLS'),
    KAFKA_SASL_MECHANISM: z.enum(mechanisms).optional().describe('how to log in to Kafka'),
    KAFKA_SASL_USERNAME: z.string().optional().describe('who to log in as'),
    KAFKA_SASL_PASSWORD: z.string().optional().describe('the password; never logged'),
    KAFKA_SASL_PASSWORD_FILE: readableFile
      .optional()
      .describe('file with the password, instead of KAFKA_SASL_PASSWORD'),
    CRASH_AT: z
      .string()
      .transform((text, context) => {
        try {
          return parseTrigger(text);
        } catch (error) {
          context.addIssue({ code: 'custom', message: (error as Error).message });
          return z.NEVER;
        }
      })
      .optional()
      .describe('where this process kills itself, to see what its guarantee is worth there'),
    CRASH_SIGNAL: z
      .enum(['SIGKILL', 'SIGSTOP'])
      .default('SIGKILL')
      .describe('what happens at CRASH_AT: the process dies, or it freezes until it gets SIGCONT'),
    ADMIN: z
      .enum(['on', 'network', 'off'])
      .default('off')
      .describe(
        'crash points and pace at run time: on for callers on this machine, network for those of its private network too',
      ),
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
  const issues = result.success
    ? contradictions(given)
    : result.error.issues.map(({ path, message }) => ({ name: String(path[0]), message }));
  if (result.success && issues.length === 0) return result.data;
  const lines = issues.map(({ name, message }) => `${name}=${shown(name, given[name])}: ${message}`);
  throw new ConfigError(lines.join('\n'));
}

/** What is right by itself, but not together. */
function contradictions(given: NodeJS.ProcessEnv): { name: string; message: string }[] {
  const [mechanism, username] = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'];
  const [password, file] = ['KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE'];
  const set = (name: string) => given[name] !== undefined;
  if (!set(mechanism)) {
    const alone = [username, password, file].find(set);
    return alone
      ? [{ name: mechanism, message: `must be one of ${mechanisms.join(', ')}, since ${alone} is set` }]
      : [];
  }
  const found: { name: string; message: string }[] = [];
  if (!set(username)) found.push({ name: username, message: `must be set, since ${mechanism} is` });
  if (set(password) === set(file))
    found.push({ name: password, message: `either this or ${file} must be set, since ${mechanism} is` });
  return found;
}

/** A secret is hidden, and so is what stands before the host of an address, where a password may be. */
function shown(name: string, value: string | undefined): string {
  if (value === undefined) return 'null';
  if (secret.test(name) && !name.endsWith('_FILE')) return '(hidden)';
  const credentials = name.endsWith('_URL') ? /^(\w+:\/+)?.*@/s : /^(\w+:\/+)?.*:\S*@/s;
  return JSON.stringify(value.replace(credentials, '$1(hidden)@'));
}

const secret = /PASSWORD|SECRET|TOKEN/;

export class ConfigError extends Error {
  override name = 'ConfigError';
}

export type CommonConfig = z.output<z.ZodObject<ReturnType<typeof commonConfig>>>;
