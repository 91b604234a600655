import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { afterEach, expect, jest, test } from '@jest/globals';
import '../kafkajs.ts';

const require = createRequire(import.meta.url);
const RequestQueue = require('kafkajs/src/network/requestQueue');
const Cluster = require('kafkajs/src/cluster');
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup');

interface Queue {
  pending: unknown[];
  inflight: Map<number, object>;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
}
const aQueue = (enforceRequestTimeout = false): Queue =>
  new RequestQueue({
    instrumentationEmitter: null,
    maxInFlightRequests: 1,
    requestTimeout: 1000,
    enforceRequestTimeout,
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

test('one timer checks the unanswered requests of all connections, and ends with them', () => {
  jest.useFakeTimers();
  try {
    const queues = [aQueue(true), aQueue(true)];
    const timedOut = jest.fn();
    for (const queue of queues) {
      queue.scheduleRequestTimeoutCheck();
      queue.scheduleRequestTimeoutCheck(); // as after connecting again
      queue.inflight.set(1, { sentAt: Date.now(), requestTimeout: 1000, timeoutRequest: timedOut });
    }
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1000);
    expect(timedOut).not.toHaveBeenCalled();
    jest.advanceTimersByTime(250);
    expect(timedOut).toHaveBeenCalledTimes(2);
    for (const queue of queues) queue.destroy();
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

test('a transaction is taken over after milliseconds, not after a third of a second', () => {
  expect(Cluster.prototype.retry).toMatchObject({ initialRetryTime: 3 });
});

/** A member of a group, and what its coordinator and the one that is found answer to heartbeats. */
function aMember(refusal: Error) {
  const coordinator = { heartbeat: () => Promise.reject(refusal) };
  const found = { heartbeat: jest.fn((_member: object) => Promise.resolve()) };
  const group = new ConsumerGroup({
    groupId: 'email',
    logger: { namespace: () => ({}) },
    instrumentationEmitter: { emit() {} },
    cluster: { findGroupCoordinator: async () => found },
  });
  Object.assign(group, { memberId: 'me', generationId: 7, lastRequest: 0, coordinator });
  return { group: Object.assign(group, { offsetManager: { coordinator } }), found };
}
const named = (name: string) => Object.assign(new Error('no heartbeat'), { name });

test('a consumer whose coordinator died looks up the new one and keeps its membership', async () => {
  const { group, found } = aMember(named('KafkaJSConnectionError'));
  await Promise.all([group.heartbeat({ interval: 0 }), group.heartbeat({ interval: 0 })]);
  const member = { groupId: 'email', memberId: 'me', groupGenerationId: 7 };
  expect(found.heartbeat).toHaveBeenCalledWith(member);
  expect(group.offsetManager.coordinator).toBe(found);
});

test('a coordinator that rejects a heartbeat is not lost', async () => {
  const refusal = named('KafkaJSProtocolError');
  const { group, found } = aMember(refusal);
  await expect(group.heartbeat({ interval: 0 })).rejects.toBe(refusal);
  expect(found.heartbeat).not.toHaveBeenCalled();
});

test('loops of one consumer that must rejoin at the same time share one rejoin; a later rejoin is another', async () => {
  const { group } = aMember(named('any'));
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let joins = 0;
  Object.assign(group, { retrier: () => gates[joins++]?.promise });
  const shared = [group.joinAndSync(), group.joinAndSync(), group.joinAndSync()];
  expect(joins).toBe(1);
  gates[0]?.reject(named('KafkaJSConnectionError'));
  for (const outcome of await Promise.allSettled(shared)) expect(outcome.status).toBe('rejected');
  const later = group.joinAndSync();
  expect(joins).toBe(2);
  gates[1]?.resolve();
  await later;
});

test('repairs and faster parts are in place before kafkajs loads them, in any import order', () => {
  const script = `
    await import(${JSON.stringify(new URL('../kafkajs.ts', import.meta.url).href)});
    console.log(Object.keys(process.getBuiltinModule('module')._cache).join('\\n'));`;
  const loaded = execFileSync('node', ['--input-type=module', '-e', script]).toString().split('\n');
  const placeOf = (part: string) => loaded.findIndex((path) => path.endsWith(part));
  const index = placeOf('/kafkajs/src/index.js');
  const replaced = ['groupMessagesPerPartition.js', 'produce/v3/request.js', 'eosManager/index.js'];
  for (const part of replaced)
    expect([part, placeOf(part) > 0 && placeOf(part) < index]).toEqual([part, true]);
  // These ask for what was replaced, and keep what they find.
  for (const part of ['sendMessages.js', 'produce/v4/request.js', 'decodeMessages.js'])
    expect([part, placeOf(part) === -1 || placeOf(part) > index]).toEqual([part, true]);
});
