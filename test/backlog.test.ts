/** A backlog: what waited for hours is worked off in seconds, and memory must not grow with it. */
import { afterAll, expect, test } from '@jest/globals';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { System } from '../infra/system/system.ts';
import { fill } from './bench/fill.ts';
import { committedBy, endOf } from './bench/progress.ts';
import { watchMemory } from './faults/memory.ts';
import { useBroker } from './support/broker.ts';
import { createSystem } from './support/create-system.ts';
import { eventually } from './support/eventually.ts';

const it = useBroker();
const waiting = 150_000;
/** Resident memory, in MB, that each may take at most. */
const limits = { transaction: 200, rides: 250 };
let system: System;
let admin: Admin;
afterAll(async () => {
  await system?.stop();
  await admin?.disconnect();
});

test(`transaction works off ${waiting} waiting rides and rides reads them, each within its memory`, async () => {
  const kafka = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING });
  await it.log.stop(); // it would read all of it
  await fill(kafka, 'ride_details', waiting);
  system = await createSystem(it.brokers);
  const most = (['transaction', 'rides'] as const).map((name) => {
    return { name, memory: watchMemory(system.run(name).pid) };
  });
  admin = kafka.admin();
  await admin.connect();
  await eventually(async () =>
    expect(await committedBy(admin, 'transaction', 'ride_details')).toBe(await endOf(admin, 'ride_details')),
  );
  await system.ready('rides');
  const taken = most.map(({ name, memory }) => ({ name, mb: Math.round(memory()) }));
  for (const { name, mb } of taken) expect([name, mb]).toEqual([name, Math.min(mb, limits[name])]);
});
