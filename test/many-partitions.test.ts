/** A hundred partitions: each service starts, takes over from another process of it, and stays within the memory that compose gives it. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePorts } from '../infra/broker/ports.ts';
import { serviceNames } from '../infra/system/system.ts';
import { watchMemory } from './faults/memory.ts';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';

/** In a container of that size Node makes little room for young objects: 1 MB, where it takes up to 64 MB on a large machine. */
const asInContainer = '--max-semi-space-size=1';
let it: TestSystem;
beforeAll(async () => {
  it = await startTestSystem(
    {},
    { env: { PARTITIONS: '100', VIEW_RIDES: '20000', NODE_OPTIONS: asInContainer } },
  );
});
afterAll(() => it?.stop());

/** In MB, of a service that has no limit of its own. */
const limit = Number(/mem_limit: (\d+)m # the limits/.exec(readFileSync('docker-compose.yml', 'utf8'))?.[1]);
const location = { lat: 12.97, long: 77.59 };

test('with 100 partitions each service takes over from another process, decides every ride once, and stays within its memory', async () => {
  const ids: string[] = [];
  const book = async (count: number) => {
    const rides = Array.from({ length: count }, (_, n) => ({ customer_id: `user_${n}`, location }));
    const response = await fetch(`${it.system.url('rides')}/rides/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rides),
    });
    const { results } = (await response.json()) as { results: { ride: { id: string } }[] };
    ids.push(...results.map(({ ride }) => ride.id));
  };
  for (let n = 0; n < 20; n++) await book(500);
  const decided = () => it.log.on('ride_confirmed').length;
  await eventually(() => expect(decided()).toBe(ids.length));
  const most: Record<string, number> = {};
  for (const name of serviceNames) {
    // The database of analytics belongs to one process: its successor comes when it has gone.
    const leave = async () => expect(await it.system.children.get(name)?.stop()).toBe(0);
    if (name === 'analytics') await leave();
    const [port = 0] = await freePorts(1);
    const successor = it.system.run(name, { as: `${name}-2`, port });
    const memory = watchMemory(successor.pid);
    await it.system.ready(name, 120_000, `http://localhost:${port}`);
    if (name !== 'analytics') await leave();
    if (name !== 'rides') await book(300);
    await eventually(() => expect(decided()).toBe(ids.length));
    await eventually(async () => expect((await fetch(`http://localhost:${port}/readyz`)).status).toBe(200));
    most[name] = Math.round(memory());
    expect(await successor.stop()).toBe(0);
    it.system.run(name);
    await it.system.ready(name);
  }
  expect(new Set(it.log.on('ride_confirmed').map(({ value }) => value?.id)).size).toBe(ids.length);
  for (const name of serviceNames)
    expect([name, most[name]]).toEqual([name, Math.min(most[name] ?? 0, limit)]);
}, 300_000);
