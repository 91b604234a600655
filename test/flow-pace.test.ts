/** Slow motion is asked of a service, so it outlives its processes. */
import { afterAll, expect, test } from '@jest/globals';
import type { System } from '../infra/system/system.ts';
import { useBroker } from './support/broker.ts';
import { createSystem } from './support/create-system.ts';
import { eventually } from './support/eventually.ts';
import { control } from './support/flow-page.ts';
import { listenTo } from './support/listener.ts';

const it = useBroker();
let system: System;
afterAll(() => system?.stop());

test('a process that is killed and started again is as slow as before', async () => {
  system = await createSystem(it.brokers, { teaching: true });
  await system.start(['transaction', 'flow']);
  const pace = { delay: 700, paused: false, step: false };
  await eventually(() => control(system.url('flow'), 'PUT', '/pace/transaction', pace));
  await system.end('transaction', 'SIGKILL');
  system.run('transaction');
  await system.ready('transaction');
  const feed = await listenTo(`${system.url('transaction')}/feed`);
  await eventually(() => expect(feed.all('status').at(-1)?.pace).toEqual(pace));
  await feed.close();
});
