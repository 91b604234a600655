import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { asEnvironment, asProperties, serverSettings } from './settings.ts';

const node = (id: number, voters: string[]) =>
  serverSettings({
    id,
    listeners: { HOST: ':9092', CONTROLLER: ':9093', INTERNAL: ':9094' },
    advertised: { HOST: 'localhost:9092', INTERNAL: 'kafka-1:9094' },
    interBroker: 'INTERNAL',
    voters,
    logDir: '/data',
  });

test('one broker keeps a single copy of everything', () => {
  expect(node(1, ['localhost:9093'])).toMatchObject({
    'controller.quorum.voters': '1@localhost:9093',
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'min.insync.replicas': '1',
  });
});

test('three brokers keep three replicas and continue with two', () => {
  expect(node(2, ['a:1', 'b:2', 'c:3'])).toMatchObject({
    'node.id': '2',
    'controller.quorum.voters': '1@a:1,2@b:2,3@c:3',
    'default.replication.factor': '3',
    'offsets.topic.replication.factor': '3',
    'transaction.state.log.replication.factor': '3',
    'transaction.state.log.min.isr': '2',
    'min.insync.replicas': '2',
  });
});

test('every listener has a protocol, and clients are not told of the controller', () => {
  expect(node(1, ['localhost:9093'])).toMatchObject({
    listeners: 'HOST://:9092,CONTROLLER://:9093,INTERNAL://:9094',
    'advertised.listeners': 'HOST://localhost:9092,INTERNAL://kafka-1:9094',
    'listener.security.protocol.map': 'HOST:PLAINTEXT,CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT',
  });
});

test('a properties file is Latin-1: what it does not have is escaped', () => {
  expect(asProperties({ a: ' josé\t日😀' })).toBe('a=\\ jos\\u00e9\\u0009\\u65e5\\ud83d\\ude00\n');
});

test('the same settings become a properties file or the variables of the image', () => {
  const settings = { 'log.dirs': 'C:\\data', 'node.id': '1' };
  expect(asProperties(settings)).toBe('log.dirs=C:\\\\data\nnode.id=1\n');
  expect(asEnvironment(settings)).toEqual({ KAFKA_LOG_DIRS: 'C:\\data', KAFKA_NODE_ID: '1' });
});

test('compose keeps the places of groups for as long as npm start does', async () => {
  const compose = await readFile(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8');
  const [, minutes] = /KAFKA_OFFSETS_RETENTION_MINUTES: (\d+)/.exec(compose) ?? [];
  expect(minutes).toBe(node(1, ['localhost:9093'])['offsets.retention.minutes']);
});
