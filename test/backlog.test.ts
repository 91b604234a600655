/** A backlog: what waited for hours is worked off in seconds, and memory must not grow with it. */
import { afterAll, expect, test } from '@jest/globals';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { freePorts } from '../infra/broker/ports.ts';
import { System } from '../infra/system/system.ts';
import { fill } from './bench/fill.ts';
import { watchMemory } from './faults/memory.ts';
import { useBroker } from './support/broker.ts';
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
}, 30_000);

test(`transaction works off ${waiting} waiting rides and rides reads them, each within its memory`, async () => {
  const kafka = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING });
  await fill(kafka, 'ride_details', waiting);
  const [rides = 0, transaction = 0] = await freePorts(2);
  system = new System({
    brokers: it.brokers,
    ports: { rides, transaction, email: 0, analytics: 0, flow: 0, mailbox: 0, smtp: 0 },
    teaching: false,
    database: '',
    replicationFactor: 1,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn' },
    onLine: () => {},
    onEvent: () => {},
  });
  const most = (['transaction', 'rides'] as const).map((name) => {
    const memory = watchMemory(system.run(name).pid);
    return { name, memory };
  });
  admin = kafka.admin();
  await admin.connect();
  await eventually(async () => {
    const [committed] = await admin.fetchOffsets({ groupId: 'transaction', topics: ['ride_details'] });
    const ends = await admin.fetchTopicOffsets('ride_details');
    const offsets = committed?.partitions.map(({ partition, offset }) => [partition, offset]);
    expect(offsets?.sort()).toEqual(ends.map(({ partition, high }) => [partition, high]).sort());
  });
  await system.ready('rides');
  const taken = most.map(({ name, memory }) => ({ name, mb: Math.round(memory()) }));
  for (const { name, mb } of taken) expect([name, mb]).toEqual([name, Math.min(mb, limits[name])]);
}, 240_000);
