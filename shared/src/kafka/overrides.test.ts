import { createRequire } from 'node:module';
import { afterEach, expect, jest, test } from '@jest/globals';
import './overrides.ts';

const require = createRequire(import.meta.url);
const RequestQueue = require('kafkajs/src/network/requestQueue');
const Cluster = require('kafkajs/src/cluster');

interface Queue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}
const aQueue = (): Queue =>
  new RequestQueue({
    instrumentationEmitter: null,
    maxInFlightRequests: 1,
    requestTimeout: 1000,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'localhost:9092',
    logger: { namespace: () => ({ debug() {} }) },
    isConnected: () => true,
  });

afterEach(() => void jest.restoreAllMocks());

test('a connection with nothing to send sets no timer, so that an idle process is idle', () => {
  const setTimer = jest.spyOn(globalThis, 'setTimeout');
  const queue = aQueue();
  queue.scheduleCheckPendingRequests();
  expect(setTimer).not.toHaveBeenCalled();
  queue.pending.push({});
  queue.scheduleCheckPendingRequests();
  expect(setTimer).toHaveBeenCalledTimes(1);
  queue.destroy();
});

test('a transaction is taken over after milliseconds, not after a third of a second', () => {
  expect(Cluster.prototype.retry).toMatchObject({ initialRetryTime: 3 });
});
