import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ConfigError } from '@rideflow/shared/config.ts';
import { environmentOf } from './environment.ts';
import { defaultPorts, type ProcessName } from './names.ts';
import { sortOut, variables } from './variables.ts';

/** What is kept of an environment, and the lines that are told about the rest. */
function sorted(env: NodeJS.ProcessEnv, brokers: number | undefined = 1, controls = true) {
  const lines: string[] = [];
  return { kept: sortOut(env, { brokers, controls }, (line) => void lines.push(line)), lines };
}

/** The environment of a process, where this is that of the person who starts the system. */
const environment = (name: ProcessName, env: NodeJS.ProcessEnv, replicationFactor = 1) =>
  environmentOf(name, {
    brokers: ['localhost:9092'],
    ports: defaultPorts,
    database: 'of-this-cluster.sqlite',
    replicationFactor,
    teaching: true,
    env: sorted(env).kept,
  });

test.each([
  ['HOST', 'x86_64-conda-linux-gnu', 'must be an IP address or localhost'],
  ['HOST', 'my-laptop', 'must be an IP address or localhost'],
  ['HOST', '192.168.1.5', 'reachable at localhost'],
  ['LOG_LEVEL', 'verbose', 'expected one of'],
  ['ADMIN', 'root@example.com', 'expected one of'],
  ['HISTORY', '~/.history', 'must be a whole number'],
  ['PUBLIC_URL', '/', 'must be an http or https address'],
  ['DATABASE', 'postgres://me@db.example/shop', 'one file for each Kafka cluster'],
  ['SMTP_URL', 'smtp://mail.example', 'mails go to the mailbox'],
  ['PORT', '3000', '--port-offset'],
  ['RIDES_PORT', '5000', 'docker compose'],
  ['MAILBOX_PORT', '1090', '--port-offset'],
  ['REPLICATION_FACTOR', '3', 'there is one broker; --cluster starts three'],
  ['KAFKA_SASL_USERNAME', 'me', 'requires no login'],
  ['KAFKA_TLS', 'true', 'requires no login'],
])('%s=%s keeps nothing from starting: it is not used, and a line says why', (name, value, why) => {
  const { kept, lines } = sorted({ [name]: value, PATH: '/bin' });
  expect(kept).toEqual({ PATH: '/bin' });
  expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name}\\b.* is not used: `))]);
  expect(lines[0]).toContain(why);
});

test('KAFKA_VERSION selects the broker to start, and a line says if it is not used', () => {
  const env = { KAFKA_VERSION: '4.2.2' };
  expect(sorted(env)).toEqual({ kept: env, lines: [] });
  const lines: string[] = [];
  sortOut(env, { brokers: undefined, controls: true }, (line) => void lines.push(line));
  expect(lines).toEqual(['KAFKA_VERSION is not used: KAFKA_BROKERS names a running cluster.']);
});

test('what a person sets for the system is used', () => {
  const env = {
    ANALYTICS_URL: 'http://stats.example',
    MAILBOX_URL: 'http://mails.example',
    PUBLIC_MAILBOX_URL: 'http://public.example',
    FEEDS: 'rides=http://other.example:4000',
    RIDES_URL: 'http://rides.example',
    TEACHING: 'off',
    ADMIN: 'network',
    PARTITIONS: '6',
    LOG_LEVEL: 'DEBUG',
    HOST: '0.0.0.0',
  };
  expect(sorted(env)).toEqual({ kept: env, lines: [] });
  expect(environment('flow', env)).toMatchObject(env);
  expect(environment('rides', env)).toMatchObject(env);
});

test('a variable with the prefix takes precedence over the plain one', () => {
  const env = {
    SMTP_URL: 'smtp://other.example',
    RIDEFLOW_SMTP_URL: 'smtp://mine.example',
    RIDEFLOW_DATABASE: '/tmp/mine.sqlite',
    LOG_LEVEL: 'verbose',
    RIDEFLOW_LOG_LEVEL: 'debug',
  };
  const { kept, lines } = sorted(env);
  expect(kept).toEqual({ SMTP_URL: 'smtp://mine.example', DATABASE: '/tmp/mine.sqlite', LOG_LEVEL: 'debug' });
  expect(lines).toEqual([]);
  expect(environment('email', env)).toMatchObject({ SMTP_URL: 'smtp://mine.example', LOG_LEVEL: 'debug' });
});

test('an empty variable counts as unset', () => {
  const { kept, lines } = sorted({ SMTP_URL: '', FEEDS: '', RIDEFLOW_HOST: '' });
  expect({ kept, lines }).toEqual({ kept: {}, lines: [] });
  expect(environment('email', { SMTP_URL: '' }).SMTP_URL).toBe('smtp://localhost:1025');
});

test('what no other program sets is wrong before anything is started', () => {
  const wrong = () => sorted({ PARTITIONS: 'many', RIDEFLOW_ADMIN: 'yes', GUARANTEE: 'sometimes' });
  expect(wrong).toThrow(ConfigError);
  expect(wrong).toThrow(/^PARTITIONS="many": [\s\S]*^RIDEFLOW_ADMIN="yes": [\s\S]*^GUARANTEE="sometimes": /m);
});

test('a guarantee goes to the services that can give it', () => {
  const env = { GUARANTEE: 'exactly-once' };
  expect(sorted(env).lines).toEqual([
    'GUARANTEE=exactly-once is not used by email, which supports at-most-once and at-least-once.',
  ]);
  const given = (['rides', 'transaction', 'email', 'analytics', 'flow'] as const).map(
    (name) => environment(name, env).GUARANTEE || null,
  );
  expect(given).toEqual([null, 'exactly-once', null, 'exactly-once', null]);
});

test('an existing cluster gets its login and its replication factor', () => {
  const env = {
    KAFKA_BROKERS: 'kafka.example:9092',
    KAFKA_TLS: 'true',
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: 'me',
    KAFKA_SASL_PASSWORD: 'secret',
    REPLICATION_FACTOR: '3',
  };
  expect(sortOut(env, { brokers: undefined, controls: true }, () => {})).toEqual(env);
});

test('--no-controls counts more than TEACHING', () => {
  const { kept, lines } = sorted({ TEACHING: 'on' }, 1, false);
  expect({ kept, lines }).toEqual({ kept: {}, lines: ['TEACHING is not used: --no-controls is set.'] });
});

test('compiled code is kept in the folder of the project, where only its owner can write', () => {
  const project = join(import.meta.dirname, '../..');
  expect(environment('rides', {}).NODE_COMPILE_CACHE).toBe(join(project, '.rideflow/compile-cache'));
});

test('every variable in the tables of infra/README.md is known here', () => {
  const text = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const table = text.slice(text.indexOf('## Configuration'), text.indexOf('## The broker'));
  const rows = table.match(/^\| `[A-Z_]+`.*$/gm) ?? [];
  const names = rows.flatMap((row) => row.split('|')[1]?.match(/[A-Z_]{3,}/g) ?? []);
  expect(names).toContain('KAFKA_BROKERS');
  expect(variables).toEqual(expect.arrayContaining(names));
});
