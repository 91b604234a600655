import { expect, test } from '@jest/globals';
import type { Controls, View } from '../../../src/protocol.ts';
import { stageOf, toward } from './stand.ts';

const controls = {
  on: true,
  processes: 'here',
  broker: true,
  mailFault: 'none',
  stream: null,
} as never as Controls;
const process = (name: string, more: object = {}) => ({
  id: `id of ${name}`,
  name,
  service: name.split('-')[0],
  state: 'alive',
  ended: null,
  guarantee: null,
  pace: null,
  crashPoint: null,
  ...more,
});
const view = (...transactions: object[]) =>
  ({
    broker: { up: true },
    processes: [process('rides-1'), process('email-1'), process('analytics-1'), ...transactions],
  }) as never as View;
const requests = (stage: Parameters<typeof stageOf>[0], now: View) =>
  toward(stageOf(stage), now, controls).map(({ method, path }) => `${method} ${path}`);

test('what is asked of a process comes before another guarantee, which starts it again under another id', () => {
  const weak = { guarantee: 'at-least-once' };
  const now = view(process('transaction-1', weak), process('transaction-2', weak));
  expect(requests({}, now)).toEqual([
    'DELETE /processes/id%20of%20transaction-2?how=stop',
    'PUT /guarantee/transaction',
  ]);
});

test('a service that is to have no process is stopped, and asked for nothing else', () => {
  const slow = { pace: { delay: 0, paused: false, step: true }, crashPoint: 'after-produce:1' };
  expect(requests({ processes: { transaction: 0 } }, view(process('transaction-1', slow)))).toEqual([
    'DELETE /processes/id%20of%20transaction-1?how=stop',
  ]);
});
