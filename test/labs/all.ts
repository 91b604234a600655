/** All labs, in their order. */
import { firstConsumer } from './01-first-consumer/lab.ts';
import { keysAndOrder } from './02-keys-and-order/lab.ts';
import { idempotence } from './03-idempotence/lab.ts';
import { dualWrite } from './04-dual-write/lab.ts';
import { exactlyOnce } from './05-exactly-once/lab.ts';
import { zombie } from './06-zombie/lab.ts';
import { poison } from './07-poison/lab.ts';
import { mailBoundary } from './08-mail-boundary/lab.ts';
import { schemaChange } from './09-schema-change/lab.ts';
import { timeTravel } from './10-time-travel/lab.ts';
import { rebalance } from './11-rebalance/lab.ts';
import { backpressure } from './12-backpressure/lab.ts';
import type { Lab } from './engine/lab.ts';

export const labs: Lab[] = [
  firstConsumer,
  keysAndOrder,
  idempotence,
  dualWrite,
  exactlyOnce,
  zombie,
  poison,
  mailBoundary,
  schemaChange,
  timeTravel,
  rebalance,
  backpressure,
];
