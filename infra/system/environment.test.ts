import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { environmentOf } from './environment.ts';
import { defaultPorts, serviceNames } from './names.ts';

/** What two services must agree on, or a ride would be told one thing here and another there. */
const agreed = ['EMAIL_DOMAIN', 'PARTITIONS'];

test('`npm start` hands what services must agree on to each of them', () => {
  const env = { EMAIL_DOMAIN: 'corp.example', PARTITIONS: '5' };
  const settings = { brokers: ['a:1', 'b:2'], ports: defaultPorts, database: 'x', replicationFactor: 3, env };
  for (const name of [...serviceNames, 'flow'] as const)
    expect(environmentOf(name, settings)).toMatchObject({
      ...env,
      KAFKA_BROKERS: 'a:1,b:2',
      REPLICATION_FACTOR: '3',
    });
});

test('a system without flow links to no flow page', () => {
  const { flow: _, ...ports } = defaultPorts;
  const settings = { brokers: ['a:1'], ports, database: 'x', replicationFactor: 1, env: {} };
  for (const name of serviceNames) expect(environmentOf(name, settings)).not.toHaveProperty('FLOW_URL');
});

test('`docker compose` hands it to each of them too, from one place', () => {
  const compose = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
  const common = /^x-environment:.*?(?=^\S)/ms.exec(compose)?.[0];
  const services = compose.match(/command: \[node, services\/\w+\/src\/main\.ts\]/g) ?? [];
  const inherits = compose.match(/^ {6}<<: \*environment$/gm) ?? [];
  expect(services).toHaveLength(5);
  expect(inherits).toHaveLength(services.length);
  for (const name of agreed) {
    expect(common).toMatch(new RegExp(`^ {2}${name}: `, 'm'));
    expect(compose.match(new RegExp(`^ *${name}:`, 'gm'))).toHaveLength(1);
  }
});
