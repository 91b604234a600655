import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import './stop-while-brokers-change.ts';

const require = createRequire(import.meta.url);
const Runner = require('kafkajs/src/consumer/runner');
const { createLogger, LEVELS } = require('kafkajs/src/loggers');

test('a consumer that stops while its cluster loses a broker has stopped, and does not ask for messages without end', async () => {
  let brokers = [1, 2];
  let asked = 0;
  let left = false;
  /** How a fetch of each broker ends. */
  const answers = new Map<number, () => void>();
  const consumerGroup = {
    connect: async () => {},
    joinAndSync: async () => {},
    heartbeat: async () => {},
    leave: async () => {
      left = true;
    },
    getNodeIds() {
      if (asked++ > 1000) throw new Error('asked without end'); // a loop without a pause would hang this test too
      return brokers;
    },
    fetch: (broker: number) => new Promise((resolve) => answers.set(broker, () => resolve([]))),
  };
  const runner = new Runner({
    logger: createLogger({ level: LEVELS.NOTHING, logCreator: () => () => {} }),
    consumerGroup,
    instrumentationEmitter: new EventEmitter(),
    heartbeatInterval: 1000,
    retry: { retries: 0 },
    onCrash: () => {},
  });
  const fetching = async (broker: number) => {
    while (!answers.has(broker)) await new Promise(setImmediate);
  };
  await runner.start();
  await fetching(1);
  await fetching(2);
  brokers = [2];
  answers.get(1)?.(); // its loop notices the change, and waits for that of the other broker
  await new Promise(setImmediate);
  const stopped = runner.stop();
  answers.get(2)?.();
  await stopped;
  expect(left).toBe(true);
  expect(asked).toBeLessThan(100);
});
