import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, commonConfig, readConfig, readKafkaConfig } from './config.ts';
import type { ServiceName } from './topology.ts';
import { tracingSettings } from './tracing/settings.ts';

/** The lines about a wrong environment. */
function linesOf(
  env: NodeJS.ProcessEnv,
  service: ServiceName = 'transaction',
  shape: z.ZodRawShape = {},
): string[] {
  try {
    readConfig({ ...commonConfig(service, 4001), ...shape }, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split('\n');
  }
  throw new Error('it was accepted');
}

test('an empty environment is enough, and an empty variable counts as unset', () => {
  const defaults = readConfig(commonConfig('transaction', 4001), {});
  expect(defaults).toEqual({
    KAFKA_BROKERS: ['localhost:9092'],
    HOST: '127.0.0.1',
    DRAIN_SECONDS: 0,
    KAFKA_TRANSACTION_VERSION: 'newest',
    ADMIN: 'off',
    FLOW_URL: 'http://localhost:4004',
    PUBLIC_RIDES_URL: 'http://localhost:4000',
    ANALYTICS_URL: 'http://localhost:4003',
    CRASH_SIGNAL: 'SIGKILL',
    PORT: 4001,
    LOG_LEVEL: 'info',
    PARTITIONS: 3,
    REPLICATION_FACTOR: 1,
    EMAIL_DOMAIN: 'example.com',
    KAFKA_TLS: false,
    GUARANTEE: 'exactly-once',
    ...z.object(tracingSettings).parse({}),
  });
  const names = Object.keys(commonConfig('transaction', 4001));
  const empty = Object.fromEntries(names.map((name) => [name, '']));
  expect(readConfig(commonConfig('transaction', 4001), empty)).toEqual(defaults);
});

test('variables are read into their types; other variables are ignored', () => {
  const env = {
    KAFKA_BROKERS: 'a.example:9092,b.example:9093',
    PORT: '0',
    PARTITIONS: '12',
    KAFKA_TLS: 'true',
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: 'me',
    KAFKA_SASL_PASSWORD: 'secret',
    GUARANTEE: 'at-most-once',
    PATH: '/bin',
  };
  const config = readConfig(commonConfig('transaction', 4001), env);
  expect(config).toMatchObject({
    KAFKA_BROKERS: ['a.example:9092', 'b.example:9093'],
    PORT: 0,
    PARTITIONS: 12,
    KAFKA_TLS: true,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    GUARANTEE: 'at-most-once',
  });
  expect(config).not.toHaveProperty('PATH');
});

test.each([
  ['HOST', 'x86_64-conda-linux-gnu', '127.0.0.1', 'must be an IP address or localhost'],
  ['LOG_LEVEL', 'loud', 'info', '"fatal"|"error"|"warn"|"info"|"debug"|"trace"|"silent"'],
  ['ADMIN', 'me@example.com', 'off', '"on"|"network"|"off"'],
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'parentbased_always_on', '"parentbased_traceidratio"'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/json', '"http/json"'],
])(
  '%s=%s is from another program: it is not used, and a line says what is accepted',
  (name, value, used, why) => {
    const lines: string[] = [];
    const read = (env: NodeJS.ProcessEnv) =>
      readConfig(commonConfig('rides', 0), env, (line) => void lines.push(line));
    expect(read({ [name]: value })).toHaveProperty(name, used);
    expect(lines).toEqual([expect.stringContaining(`${name}="${value}" is not used: `)]);
    expect(lines[0]).toContain(why);
    expect(lines[0]).toContain(`RIDEFLOW_${name}`);
    expect(() => read({ [`RIDEFLOW_${name}`]: value })).toThrow(`RIDEFLOW_${name}="${value}": `);
  },
);

test('RIDEFLOW_ in front of a name counts more than the name, and an empty one is unset', () => {
  const env = { HOST: '::1', RIDEFLOW_HOST: '0.0.0.0', PORT: '4', RIDEFLOW_PORT: '', LOG_LEVEL: 'DEBUG' };
  expect(readConfig(commonConfig('rides', 0), env)).toMatchObject({
    HOST: '0.0.0.0',
    PORT: 4,
    LOG_LEVEL: 'debug',
  });
});

test('a tool that only needs Kafka does not mind what else is set', () => {
  const env = { PORT: 'x', PARTITIONS: 'y', GUARANTEE: 'z', RIDEFLOW_KAFKA_BROKERS: 'a.example:1' };
  expect(readKafkaConfig(env)).toMatchObject({ KAFKA_BROKERS: ['a.example:1'], PORT: 0 });
  expect(readKafkaConfig(env, 'b.example:2').KAFKA_BROKERS).toEqual(['b.example:2']);
});

test.each([
  ['localhost:9092, localhost:9093', ['localhost:9092', 'localhost:9093']],
  ['[::1]:9092', ['[::1]:9092']],
  [' a.example:1 ,[2001:db8::7]:2 ', ['a.example:1', '[2001:db8::7]:2']],
])('KAFKA_BROKERS=%s is %j', (list, brokers) => {
  expect(readKafkaConfig({ KAFKA_BROKERS: list }).KAFKA_BROKERS).toEqual(brokers);
});

describe('a wrong variable gives one line with its name, its value and what is accepted', () => {
  test.each([
    ['KAFKA_BROKERS', 'localhost', 'must be host:port'],
    ['KAFKA_BROKERS', 'a:1,,b:2', 'must be host:port, several separated by commas'],
    ['KAFKA_BROKERS', 'localhost:99999', 'must be host:port'],
    ['KAFKA_BROKERS', 'a:1 b:2', 'must be host:port'],
    ['KAFKA_BROKERS', '::1:9092', 'IPv6 addresses in brackets'],
    ['KAFKA_BROKERS', '[localhost]:9092', 'must be host:port'],
    ['KAFKA_BROKERS', 'kafka://a:1', 'must be host:port'],
    ['PORT', 'http', 'must be a port number, 0 to 65535'],
    ['PORT', '65536', 'must be a port number, 0 to 65535'],
    ['PORT', '6000', 'is a port that every browser refuses'],
    ['PORT', '-1', 'must be a port number, 0 to 65535'],
    ['PARTITIONS', '0', 'must be a whole number from 1 to 100'],
    ['PARTITIONS', '2.5', 'must be a whole number from 1 to 100'],
    ['REPLICATION_FACTOR', 'three', 'must be a whole number from 1 to 5'],
    ['KAFKA_TLS', 'yes', '"true"|"false"'],
    ['KAFKA_SASL_MECHANISM', 'kerberos', '"plain"|"scram-sha-256"|"scram-sha-512"'],
    ['GUARANTEE', 'sometimes', '"at-most-once"|"at-least-once"|"exactly-once"'],
  ])('%s=%s', (name, value, accepted) => {
    const lines = linesOf({ [name]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.startsWith(`${name}=${JSON.stringify(value)}: `)).toBe(true);
    expect(lines[0]).toContain(accepted);
  });

  test('several give a line each', () => {
    const lines = linesOf({ PORT: 'x', PARTITIONS: 'y', GUARANTEE: 'z' });
    expect(lines.map((line) => line.split('=')[0])).toEqual(['PORT', 'PARTITIONS', 'GUARANTEE']);
  });

  test('a required one that is missing', () => {
    expect(linesOf({}, 'email', { SMTP_URL: z.url() })).toEqual([expect.stringMatching(/^SMTP_URL=null: /)]);
  });
});

test('an impossible guarantee is rejected with the possible ones', () => {
  expect(linesOf({ GUARANTEE: 'exactly-once' }, 'email')).toEqual([
    'GUARANTEE="exactly-once": must be one of at-most-once, at-least-once for email',
  ]);
  expect(readConfig(commonConfig('email', 4002), {}).GUARANTEE).toBe('at-least-once');
});

test('a login to Kafka is complete or not there at all', () => {
  const [user, mechanism] = [{ KAFKA_SASL_USERNAME: 'me' }, { KAFKA_SASL_MECHANISM: 'plain' }];
  expect(linesOf({ KAFKA_SASL_PASSWORD: 'hunter2' })).toEqual([
    'KAFKA_SASL_MECHANISM=null: must be one of plain, scram-sha-256, scram-sha-512, because KAFKA_SASL_PASSWORD is set',
  ]);
  expect(linesOf(user)[0]).toMatch(/^KAFKA_SASL_MECHANISM=null: .*because KAFKA_SASL_USERNAME is set$/);
  expect(linesOf(mechanism)).toEqual([
    'KAFKA_SASL_USERNAME=null: must be set, because KAFKA_SASL_MECHANISM is set',
    'KAFKA_SASL_PASSWORD=null: either this or KAFKA_SASL_PASSWORD_FILE must be set, because KAFKA_SASL_MECHANISM is set',
  ]);
  const both = { KAFKA_SASL_PASSWORD: 'hunter2', KAFKA_SASL_PASSWORD_FILE: import.meta.filename };
  expect(linesOf({ ...user, ...mechanism, ...both })).toEqual([
    expect.stringMatching(/^KAFKA_SASL_PASSWORD=\(hidden\): either this or KAFKA_SASL_PASSWORD_FILE/),
  ]);
});

test.each([
  ['corp.example', 'corp.example'],
  ['localhost', 'localhost'],
  ['xn--e1afmkfd.xn--p1ai', 'xn--e1afmkfd.xn--p1ai'],
  ['пример.рф', 'xn--e1afmkfd.xn--p1ai'],
])('EMAIL_DOMAIN=%s is the domain %s', (EMAIL_DOMAIN, domain) => {
  expect(readConfig(commonConfig('rides', 0), { EMAIL_DOMAIN }).EMAIL_DOMAIN).toBe(domain);
});

test.each([
  '@corp.example',
  'corp.example.',
  'a_b.example',
  'corp..example',
  'a b',
  `${'a.'.repeat(95)}example`,
])('EMAIL_DOMAIN=%s is rejected with what is accepted', (EMAIL_DOMAIN) => {
  expect(linesOf({ EMAIL_DOMAIN })).toEqual([
    expect.stringContaining('must be a domain name such as example.com'),
  ]);
});

test.each(['KAFKA_TLS_CA', 'KAFKA_SASL_PASSWORD_FILE'])('%s must name a file that can be read', (name) => {
  expect(linesOf({ [name]: '/no/such/file' })).toEqual([
    `${name}="/no/such/file": must be a readable text file (ENOENT)`,
  ]);
  expect(linesOf({ [name]: '/dev/null' })[0]).toContain('must be a file that is not empty');
  expect(linesOf({ [name]: process.execPath })[0]).toContain('(it is neither UTF-8 nor UTF-16)');
});

test.each([
  ['SMTP_URL', 'http://me:hunter2@mail.example:25', 'http://(hidden)@mail.example:25'],
  ['SMTP_URL', 'me:hunter2@mail.example', '(hidden)@mail.example'],
  ['SMTP_URL', 'http://me:hunter 2@x@mail.example', 'http://(hidden)@mail.example'],
  ['KAFKA_BROKERS', 'kafka://me:hunter2@k.example:9092', 'kafka://(hidden)@k.example:9092'],
])('in %s=%s the part before the host is hidden', (name, value, shown) => {
  const lines = linesOf({ [name]: value }, 'email', { SMTP_URL: z.url({ protocol: /^smtp$/ }).optional() });
  expect(lines[0]?.startsWith(`${name}="${shown}": `)).toBe(true);
});

test.each(['KAFKA_SASL_PASSWORD', 'API_TOKEN', 'CLIENT_SECRET'])('the value of %s is hidden', (name) => {
  const lines = linesOf({ [name]: 'hunter2' }, 'email', { [name]: z.string().max(3) });
  expect(lines).toEqual([expect.stringContaining(`${name}=(hidden): `)]);
  expect(lines.join()).not.toContain('hunter2');
});
