import { expect, test } from '@jest/globals';
import { allTopics, topology } from '@rideflow/shared/topology.ts';
import { entryOf } from './apply.ts';
import { allPermissions, permissionsOf } from './derive.ts';

const may = (service: keyof typeof topology) =>
  permissionsOf(service).map(
    ({ operation, kind, name, prefix }) => `${operation} ${kind} ${name}${prefix ? '*' : ''}`,
  );

test('a service may do what its row says: nothing may be written by two, and nothing be changed at a cluster', () => {
  expect(may('email').sort()).toEqual([
    'DescribeConfigs cluster kafka-cluster',
    'DescribeConfigs topic ride_confirmed',
    'Read group email',
    'Read topic ride_confirmed',
    'Write topic ride_confirmed.email.dlq',
  ]);
  expect(may('transaction')).toContain('Write transactional id transaction/*');
  expect(may('transaction')).toContain('Read topic ride_details.transaction.dlq');
  expect(may('rides').sort()).toEqual([
    'Read topic ride_confirmed',
    'Read topic ride_details',
    'Write topic ride_details',
  ]);
  const written = allPermissions().filter(({ operation, kind }) => operation === 'Write' && kind === 'topic');
  expect(written.map(({ name }) => name).sort()).toEqual(allTopics().sort());
});

test('each permission is one entry for the user of that name, from any host', () => {
  const entries = allPermissions().map(entryOf);
  expect(new Set(entries.map((entry) => JSON.stringify(entry))).size).toBe(entries.length);
  expect(new Set(entries.map(({ principal }) => principal))).toEqual(
    new Set(Object.keys(topology).map((name) => `User:${name}`)),
  );
});
