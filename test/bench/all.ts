import type { Group } from './group.ts';
import { analytics } from './groups/analytics.ts';
import { email } from './groups/email.ts';
import { growth } from './groups/growth.ts';
import { idle } from './groups/idle.ts';
import { latency } from './groups/latency.ts';
import { overload } from './groups/overload.ts';
import { page } from './groups/page.ts';
import { peers } from './groups/peers.ts';
import { pipeline } from './groups/pipeline.ts';
import { rides } from './groups/rides.ts';
import { scaling } from './groups/scaling.ts';
import { start } from './groups/start.ts';
import { traces } from './groups/traces.ts';
import { transaction } from './groups/transaction.ts';
import { waits } from './groups/waits.ts';

/** In the order of the table. */
export const groups: Group[] = [
  rides,
  transaction,
  pipeline,
  email,
  analytics,
  latency,
  overload,
  growth,
  scaling,
  start,
  idle,
  page,
  traces,
  peers,
  waits,
];
