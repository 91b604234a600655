/**
 * The complete pipeline without mail: rides written, decided and counted, compared with the three scripts of the Python
 * tutorial.
 */
import { randomRide, seededRandom } from '../../../infra/book/random.ts';
import { eventually } from '../../support/eventually.ts';
import { interleave, type Side } from '../compare.ts';
import { copied, type Ground, orders } from '../ground.ts';
import type { Group } from '../group.ts';
import { processorTime } from '../processes.ts';
import type { Program } from '../program.ts';
import { findPython, goalOver, nameOf, noPython, type Python, startTutorial } from '../python.ts';
import { compareRow, number, perSecond, plainRow } from '../table.ts';
import { type Measured, sum } from '../throughput.ts';

const rides = 20_000;
const perRequest = 500;
const clients = 2;

export const pipeline: Group = {
  name: 'pipeline',
  what: '20,000 rides through the pipeline without mail, compared with the Python tutorial',
  seconds: 50,
  quickSeconds: null,
  async run(ground, { rounds }, step) {
    await ground.clear();
    const python = findPython();
    const pids: number[] = [];
    for (const name of ['rides', 'transaction', 'analytics'] as const) pids.push(await ground.start(name));
    try {
      const sides: Side<Measured>[] = [{ name: 'rideflow', measure: () => wholeWay(ground, pids) }];
      if (python) sides.push({ name: nameOf(python), measure: () => wholeTutorial(ground, python) });
      await sides[0]?.measure(); // the code is now compiled
      const [ours, control] = await interleave(sides, rounds, step);
      const figure = '20,000 rides written, decided and counted';
      if (python) return [compareRow(figure, ours, control, goalOver(python))];
      const [{ rate, cpu } = { rate: 0, cpu: 0 }] = ours?.rounds ?? [];
      return [
        plainRow({ figure, ours: `${perSecond(rate)}, ${number(cpu)} µs`, control: noPython, data: ours }),
      ];
    } finally {
      await ground.stopServices();
    }
  },
};

/** From the first request until all are counted. */
async function wholeWay({ system }: Ground, pids: number[]): Promise<Measured> {
  const counted = async () => {
    const answer = await fetch(`${system.url('analytics')}/stats?minutes=1&hours=1&top=1`);
    return ((await answer.json()) as { overall: { rides: number } }).overall.rides;
  };
  const random = seededRandom('pipeline');
  const bodies = Array.from({ length: rides / perRequest }, () =>
    JSON.stringify(Array.from({ length: perRequest }, () => randomRide(random))),
  );
  const goal = (await counted()) + rides;
  const used = () => sum(pids.map(processorTime));
  const [start, cpu] = [performance.now(), used()];
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(`${system.url('rides')}/rides/batch`, { method: 'POST', headers, body });
        if (response.status !== 202) throw new Error(`POST /rides/batch answered ${response.status}`);
        await response.arrayBuffer();
      }
    }),
  );
  await eventually(async () => {
    const missing = goal - (await counted());
    if (missing > 0) throw new Error(`${missing} rides are not counted`);
  });
  return measuredSince(start, used() - cpu);
}

async function wholeTutorial(ground: Ground, python: Python): Promise<Measured> {
  const broker = ground.brokers.join();
  for (const topic of [orders, copied]) await ground.empty(topic);
  const programs: Program[] = [];
  const start = (...args: string[]) => {
    const program = startTutorial(python, ...args);
    programs.push(program);
    return program;
  };
  try {
    const counting = start('analytics', broker, copied, String(rides));
    const copying = start('transaction', broker, orders, copied);
    await Promise.all([counting.printed('waits'), copying.printed('waits')]);
    const used = () => sum(programs.map(({ pid }) => processorTime(pid)));
    const before = used();
    const writing = start('orders', broker, orders, String(rides));
    await writing.printed('begins');
    const [since, startup] = [performance.now(), processorTime(writing.pid)];
    await counting.printed('counted');
    return measuredSince(since, used() - before - startup);
  } finally {
    for (const program of programs) await program.stop();
  }
}

/** @param cpu in seconds */
const measuredSince = (start: number, cpu: number): Measured => ({
  rate: rides / ((performance.now() - start) / 1000),
  cpu: (cpu / rides) * 1e6,
});
