/**
 * InitProducerId and TxnOffsetCommit use `cluster.retry`, which kafkajs never sets. Without this, taking over an open
 * transaction waits 300 ms instead of 10 ms.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { prototype: cluster } = require('kafkajs/src/cluster') as { prototype: { retry?: object } };
/** The next attempt nearly always succeeds: as soon as the markers of the previous transaction are written. */
export const transactionRetry = {
  initialRetryTime: 3,
  multiplier: 1.5,
  factor: 0.2,
  maxRetryTime: 500,
  retries: 40,
};
cluster.retry = transactionRetry;
