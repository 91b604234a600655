/** The environment variables of each service, as one validated schema. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseTrigger } from './crash-points.ts';
import { longestAddress, toAsciiDomain } from './email-address.ts';
import { pageAddress } from './http/bar.ts';
import { isBlocked } from './http/blocked-ports.ts';
import { acceptedBrokers, parseBrokers } from './kafka-addresses.ts';
import { readTextFile } from './text-file.ts';
import { guarantees, type ServiceName, topology } from './topology.ts';
import { tracingSettings } from './tracing/settings.ts';
import { wholeNumber } from './whole-number.ts';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const brokerList = z.string().transform((list, context) => {
  const brokers = parseBrokers(list);
  if (!brokers) context.addIssue(acceptedBrokers);
  return brokers ?? z.NEVER;
});
export const portNumber = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535')
  .transform(Number)
  .refine((port) => port <= 65535, 'must be a port number, 0 to 65535');
/** A port that serves HTTP. */
export const httpPort = portNumber.refine(
  (port) => !isBlocked(port),
  'is a port that every browser refuses. Use another one',
);

/** Short enough for an address with the longest customer_id. */
const domainName = z.string().transform((text, context) => {
  const domain = toAsciiDomain(text);
  if (domain !== null && domain.length <= longestAddress - 65) return domain;
  context.addIssue(`must be a domain name such as example.com, of ${longestAddress - 65} characters at most`);
  return z.NEVER;
});

/** A bearer token, for a server and for its clients. */
export const bearerToken = z
  .string()
  .regex(
    /^[A-Za-z0-9._~+/-]{16,}=*$/,
    'must have at least 16 characters: letters, digits and the signs of a bearer token',
  );

const readableFile = z.string().superRefine((path, context) => {
  try {
    if (readTextFile(path).trim() === '') context.addIssue('must be a file that is not empty');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    context.addIssue(`must be a readable text file (${code ?? message})`);
  }
});

/** The variables of every service. `port` is the default of PORT. */
export function commonConfig(service: ServiceName, port: number) {
  const { guarantee, possible } = topology[service];
  return {
    KAFKA_BROKERS: brokerList
      .default(['localhost:9092'])
      .describe('Kafka brokers to connect to, as host:port, separated by commas'),
    HOST: z
      .string()
      .refine((text) => isIP(text) > 0 || text === 'localhost', 'must be an IP address or localhost')
      .default('127.0.0.1')
      .describe('address to listen on'),
    PORT: httpPort.default(port).describe('port to listen on'),
    DRAIN_SECONDS: wholeNumber(0, 60)
      .default(0)
      .describe(
        'how long it still answers after SIGTERM, each answer closing its connection, so that a load balancer in front loses no request',
      ),
    LOG_LEVEL: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']))
      .default('info')
      .describe('lowest level that is logged'),
    PARTITIONS: wholeNumber(1, 100).default(3).describe('partitions of each topic that this process creates'),
    REPLICATION_FACTOR: wholeNumber(1, 5)
      .default(1)
      .describe('replicas of each topic that this process creates'),
    EMAIL_DOMAIN: domainName
      .default('example.com')
      .describe('domain of the default e-mail address; must be the same for all services'),
    KAFKA_TLS: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true')
      .describe('connect to Kafka over TLS'),
    KAFKA_TLS_CA: readableFile
      .optional()
      .describe('PEM file with the certificate authority of Kafka; implies TLS'),
    KAFKA_SASL_MECHANISM: z.enum(mechanisms).optional().describe('SASL mechanism for the login to Kafka'),
    KAFKA_SASL_USERNAME: z.string().optional().describe('user for the login'),
    KAFKA_SASL_PASSWORD: z.string().optional().describe('password for the login; never logged'),
    KAFKA_SASL_PASSWORD_FILE: readableFile
      .optional()
      .describe('file with the password, instead of KAFKA_SASL_PASSWORD'),
    KAFKA_TRANSACTION_VERSION: z
      .enum(['newest', '1'])
      .default('newest')
      .describe(
        'protocol of Kafka transactions: newest uses version 2 where the cluster has it (since Kafka 4.0), 1 never does',
      ),
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
      .describe('where this process kills itself, to test its guarantee'),
    CRASH_SIGNAL: z
      .enum(['SIGKILL', 'SIGSTOP'])
      .default('SIGKILL')
      .describe('what happens at CRASH_AT: the process is killed, or it freezes until it gets SIGCONT'),
    ADMIN: z
      .enum(['on', 'network', 'off'])
      .default('off')
      .describe(
        'crash points and pace at run time: on for callers on this machine, network for callers in its private network too',
      ),
    FLOW_URL: pageAddress
      .default('http://localhost:4004')
      .describe('the flow page as a browser reaches it; all pages lead to one another'),
    PUBLIC_RIDES_URL: pageAddress
      .default('http://localhost:4000')
      .describe('the pages of rides as a browser reaches them'),
    ANALYTICS_URL: pageAddress
      .default('http://localhost:4003')
      .describe('the statistics as a browser reaches them'),
    GUARANTEE: z
      .enum(guarantees)
      .refine(
        (g) => (possible as readonly string[]).includes(g),
        `must be one of ${possible.join(', ')} for ${service}`,
      )
      .default(guarantee)
      .describe('how often each message takes effect'),
    ...tracingSettings,
  };
}

/** The prefix for variables that only rideflow reads: RIDEFLOW_HOST takes precedence over HOST. */
export const prefix = 'RIDEFLOW_';

/**
 * Variables that other programs use too: conda sets HOST to the architecture, csh sets it to the host name, create-react-app
 * uses PUBLIC_URL, a platform sets the variables of OpenTelemetry for all programs. A value that was not meant for rideflow must
 * not prevent a start, so an unsuitable value of these is ignored.
 */
const setByOthers = new Set([
  ...['HOST', 'LOG_LEVEL', 'DATABASE', 'ADMIN', 'HISTORY', 'PUBLIC_URL'],
  ...Object.keys(tracingSettings).filter((name) => name.startsWith('OTEL_')),
]);

/** The value of a variable, with or without the prefix. An empty variable counts as unset. */
export function given(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[prefix + name] || env[name] || undefined;
}

/**
 * Reads the environment. An empty variable counts as unset.
 * @param tell gets a line, and the name, for each variable that is ignored
 * @throws ConfigError with one line for each wrong variable: its name, its value, and what is accepted
 */
export function readConfig<S extends z.ZodRawShape>(
  shape: S,
  env: NodeJS.ProcessEnv,
  tell: (line: string, name: string) => void = () => {},
): z.output<z.ZodObject<S>> {
  const values: NodeJS.ProcessEnv = {};
  for (const [name, schema] of Object.entries(shape)) {
    const value = given(env, name);
    if (value === undefined) continue;
    const foreign = setByOthers.has(name) && !env[prefix + name];
    const problem = foreign ? (schema as z.ZodType).safeParse(value).error?.issues[0]?.message : undefined;
    if (problem === undefined) values[name] = value;
    else
      tell(
        `${name}=${shown(name, value)} is not used: ${problem}. To set it for rideflow, use ${prefix}${name}.`,
        name,
      );
  }
  const result = z.object(shape).safeParse(values);
  const issues = result.success
    ? contradictions(values)
    : result.error.issues.map(({ path, message }) => ({ name: String(path[0]), message }));
  if (result.success && issues.length === 0) return result.data;
  const lines = issues.map(
    ({ name, message }) =>
      `${env[prefix + name] ? prefix : ''}${name}=${shown(name, values[name])}: ${message}`,
  );
  throw new ConfigError(lines.join('\n'));
}

/**
 * Only the connection to Kafka, for a tool. Other variables are ignored.
 * @param brokers instead of KAFKA_BROKERS
 * @throws ConfigError like readConfig
 */
export function readKafkaConfig(env: NodeJS.ProcessEnv, brokers?: string): CommonConfig {
  const shape = commonConfig('rides', 0);
  const kafka = Object.keys(shape).filter((name) => name.startsWith('KAFKA_'));
  const values = Object.fromEntries(kafka.map((name) => [name, given(env, name)]));
  return readConfig(shape, { ...values, ...(brokers !== undefined && { KAFKA_BROKERS: brokers }) });
}

/** Checks combinations of variables. */
function contradictions(given: NodeJS.ProcessEnv): { name: string; message: string }[] {
  const [mechanism, username] = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'];
  const [password, file] = ['KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE'];
  const set = (name: string) => given[name] !== undefined;
  if (!set(mechanism)) {
    const alone = [username, password, file].find(set);
    return alone
      ? [{ name: mechanism, message: `must be one of ${mechanisms.join(', ')}, because ${alone} is set` }]
      : [];
  }
  const found: { name: string; message: string }[] = [];
  if (!set(username)) found.push({ name: username, message: `must be set, because ${mechanism} is set` });
  if (set(password) === set(file))
    found.push({
      name: password,
      message: `either this or ${file} must be set, because ${mechanism} is set`,
    });
  return found;
}

/** Hides secrets, and the part of an address before the host, which may contain a password. */
function shown(name: string, value: string | undefined): string {
  if (value === undefined) return 'null';
  if (secret.test(name) && !name.endsWith('_FILE')) return '(hidden)';
  const credentials = name.endsWith('_URL') ? /^(\w+:\/+)?.*@/s : /^(\w+:\/+)?.*:\S*@/s;
  return JSON.stringify(value.replace(credentials, '$1(hidden)@'));
}

const secret = /PASSWORD|SECRET|TOKEN|HEADERS/;

export class ConfigError extends Error {
  override name = 'ConfigError';
}

export type CommonConfig = z.output<z.ZodObject<ReturnType<typeof commonConfig>>>;
