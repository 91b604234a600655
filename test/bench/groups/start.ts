/** From the start to the first ride, and to the last ride of an hour's backlog. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../infra/broker/ports.ts';
import { interleave } from '../compare.ts';
import { startReading } from '../controls.ts';
import { fill } from '../fill.ts';
import { copied, type Ground, orders } from '../ground.ts';
import type { Group } from '../group.ts';
import { startProgram } from '../program.ts';
import { committedBy, endOf } from '../progress.ts';
import { number, type Row, timeRow } from '../table.ts';

/** An hour at 50 rides per second. */
const backlog = 3600 * 50;
/** In milliseconds. */
const patience = 120_000;
const seconds = (time: number) => `${number(time)} s`;

export const start: Group = {
  name: 'start',
  what: "time from the start of the processes to the first ride, and to the end of an hour's backlog",
  seconds: 70,
  quickSeconds: null,
  async run(ground, { rounds }, step) {
    return [await firstRide(ground, rounds, step), await catchUp(ground, step)];
  },
};

async function firstRide(ground: Ground, rounds: number, step: (what: string) => void): Promise<Row> {
  await ground.clear();
  const [port = 0] = await freePorts(1);
  const [ours, control] = await interleave(
    [
      {
        name: 'rideflow',
        async measure() {
          const since = performance.now();
          try {
            await ground.start('transaction', { wait: false });
            await ground.start('rides', { wait: false });
            return await firstDecided(ground, ground.system.url('rides'), 'ride_confirmed', since);
          } finally {
            await ground.stopServices();
          }
        },
      },
      {
        name: 'Express, producer.send, eachBatch copy',
        async measure() {
          const since = performance.now();
          const env = { PORT: String(port), KAFKA_BROKERS: ground.brokers.join(), TO: orders };
          const programs = [
            startReading(ground, 'copy-json.ts', orders),
            startProgram('controls/express-send.ts', env),
          ];
          try {
            return await firstDecided(ground, `http://127.0.0.1:${port}`, copied, since);
          } finally {
            for (const program of programs) await program.stop();
            await ground.empty(orders); // every reader is new
          }
        },
      },
    ],
    rounds,
    step,
  );
  return timeRow('from the start of two processes to the first ride decided', ours, control, seconds);
}

/** In seconds since then. */
async function firstDecided(ground: Ground, url: string, topic: string, since: number): Promise<number> {
  const before = await endOf(ground.admin, topic);
  const body = JSON.stringify({ customer_id: 'first', location: { lat: 12.97, long: 77.59 } });
  const headers = { 'content-type': 'application/json' };
  await until(async () => {
    const response = await fetch(`${url}/rides`, { method: 'POST', headers, body }).catch(() => null);
    await response?.arrayBuffer();
    return response?.status === 202;
  }, since);
  await until(async () => (await endOf(ground.admin, topic)) > before, since);
  return (performance.now() - since) / 1000;
}

async function catchUp(ground: Ground, step: (what: string) => void): Promise<Row> {
  await ground.clear();
  step(`writing ${backlog} rides`);
  await fill(ground.kafka, 'ride_details', backlog);
  const [ours, control] = await interleave(
    [
      {
        name: 'rideflow',
        async measure() {
          await ground.forget('transaction');
          await ground.forget('analytics');
          await ground.empty('ride_confirmed');
          const since = performance.now();
          try {
            await ground.start('analytics', { wait: false });
            await ground.start('transaction', { wait: false });
            return await allCounted(
              ground,
              () => committedBy(ground.admin, 'transaction', 'ride_details'),
              'analytics',
              'ride_confirmed',
              since,
            );
          } finally {
            await ground.stopServices();
          }
        },
      },
      {
        name: 'eachBatch copy, eachBatch that counts',
        async measure() {
          await ground.empty(copied);
          const before = await endOf(ground.admin, copied);
          const since = performance.now();
          const [copy, count] = ['copy-json.ts', 'count.ts'];
          const programs = [
            startReading(ground, copy, 'ride_details'),
            startReading(ground, count, copied),
          ] as const;
          try {
            const decided = async () => (await endOf(ground.admin, copied)) - before;
            return await allCounted(ground, decided, programs[1].group, copied, since);
          } finally {
            for (const program of programs) await program.stop();
          }
        },
      },
    ],
    3,
    step,
  );
  return timeRow(
    `from the start of two processes until ${backlog} waiting rides are decided and counted`,
    ours,
    control,
    seconds,
  );
}

async function allCounted(
  { admin }: Ground,
  decided: () => Promise<number>,
  group: string,
  topic: string,
  since: number,
): Promise<number> {
  await until(async () => (await decided()) >= backlog, since);
  const end = await endOf(admin, topic);
  await until(async () => (await committedBy(admin, group, topic)) >= end, since);
  return (performance.now() - since) / 1000;
}

async function until(check: () => Promise<boolean>, since: number): Promise<void> {
  while (!(await check())) {
    if (performance.now() - since > patience) throw new Error('it was not done within two minutes');
    await sleep(20);
  }
}
