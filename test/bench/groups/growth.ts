/** Whether throughput and memory stay as they are while rides grow in number. */
import { eventually } from '../../support/eventually.ts';
import { spreadOf } from '../compare.ts';
import { fill } from '../fill.ts';
import type { Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { startHttpLoad } from '../http.ts';
import { atRest, residentMemory } from '../processes.ts';
import { committedBy, endOf } from '../progress.ts';
import { judged, number, perSecond, plainRow, type Row } from '../table.ts';
import { throughput } from '../throughput.ts';

const marks = [10_000, 100_000, 1_000_000];
const margin = 250_000;
/** From each mark on; the middle one counts. */
const looks = 3;

/** Seen once so many rides were behind it. */
interface Seen {
  rides: number;
  rate: number;
  /** Resident, in MB. */
  memory: number;
}

export const growth: Group = {
  name: 'growth',
  what: 'throughput and memory after 10,000, 100,000 and 1,000,000 rides',
  seconds: 105,
  quickSeconds: null,
  async run(ground, _plan, step) {
    await ground.clear();
    const total = Math.max(...marks) + margin;
    const rows = [rowOf('POST /rides', await growRides(ground, step))];
    step('writing the rest of the backlog');
    await fill(ground.kafka, 'ride_details', total - (await endOf(ground.admin, 'ride_details')));
    step('transaction');
    const decided = () => committedBy(ground.admin, 'transaction', 'ride_details');
    rows.push(rowOf('transaction', await growReader(ground, 'transaction', decided, total)));
    step('analytics');
    const counted = () => committedBy(ground.admin, 'analytics', 'ride_confirmed');
    const confirmed = await endOf(ground.admin, 'ride_confirmed');
    rows.push(rowOf('analytics', await growReader(ground, 'analytics', counted, confirmed)));
    return rows;
  },
};

/** Between the marks rides are written without HTTP, which is quicker; the process reads them back all the same. */
async function growRides(ground: Ground, step: (what: string) => void): Promise<Seen[]> {
  const load = startHttpLoad();
  const pid = await ground.start('rides');
  const port = Number(new URL(ground.system.url('rides')).port);
  const seen: Seen[] = [];
  try {
    await load.measure({ port, connections: 128, warm: 2, window: 1 }, pid); // its code is compiled now
    for (const mark of marks) {
      const missing = mark - (await endOf(ground.admin, 'ride_details'));
      step(`rides, after ${mark} of them`);
      if (missing > 0) await fill(ground.kafka, 'ride_details', missing);
      await atRest(pid);
      for (let look = 0; look < looks; look++) {
        const rides = await endOf(ground.admin, 'ride_details');
        const { rate } = await load.measure({ port, connections: 128, warm: 0.3, window: 1 }, pid);
        seen.push({ rides, rate, memory: await memoryOf(pid) });
      }
    }
    return seen;
  } finally {
    await load.stop();
    await ground.stopServices();
  }
}

async function growReader(
  ground: Ground,
  name: 'transaction' | 'analytics',
  done: () => Promise<number>,
  total: number,
): Promise<Seen[]> {
  const pid = await ground.start(name, { wait: false });
  const seen: Seen[] = [];
  try {
    for (let rides = 0; rides < 0.9 * total; ) {
      const { rate } = await throughput({ done, total, pids: [pid], warm: rides === 0 ? 1 : 0.1, window: 1 });
      rides = await done();
      seen.push({ rides, rate, memory: await memoryOf(pid) });
    }
    await eventually(async () => {
      if ((await done()) < total) throw new Error(`${name} is not at the end of its backlog`);
    }, 60_000);
    return seen;
  } finally {
    await ground.stopServices();
  }
}

const memoryOf = async (pid: number) => (await residentMemory([pid]))[0] as number;

/** The goal is that the last mark is no slower than the first. */
function rowOf(what: string, seen: Seen[]): Row {
  const at = marks.map((mark) => {
    const first = seen.findIndex(({ rides }) => rides >= mark);
    const there = seen.slice(first, first + looks);
    return {
      rides: there[0]?.rides ?? 0,
      rate: spreadOf(there.map(({ rate }) => rate)).median,
      memory: there.at(-1)?.memory ?? 0,
    };
  });
  const ratio = (at.at(-1)?.rate ?? 0) / (at[0]?.rate ?? 0);
  const list = (show: (seen: Seen) => string) => at.map(show).join(', ');
  return plainRow({
    figure: `${what} after ${list(({ rides }) => `${number(rides / 1000)} k`)} rides`,
    ours: list(({ rate }) => perSecond(rate)),
    control: 'memory meanwhile',
    theirs: list(({ memory }) => `${memory.toFixed(0)} MB`),
    ratio: number(ratio),
    ...judged(ratio, { atLeast: 0.95 }),
    data: seen,
  });
}
