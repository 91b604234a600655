/** Whether throughput and memory stay as they are while rides grow in number. */
import { fill } from '../fill.ts';
import type { Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { startHttpLoad } from '../http.ts';
import { residentMemory } from '../processes.ts';
import { committedBy, endOf } from '../progress.ts';
import { judged, number, perSecond, plainRow, type Row } from '../table.ts';
import { throughput } from '../throughput.ts';

const marks = [10_000, 100_000, 1_000_000];
const margin = 150_000;
/** Of requests at most, in seconds; what is missing then is written without HTTP. */
const patience = 60;

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
  seconds: 130,
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
    rows.push(rowOf('analytics', await growReader(ground, 'analytics', counted, total)));
    return rows;
  },
};

async function growRides(ground: Ground, step: (what: string) => void): Promise<Seen[]> {
  const load = startHttpLoad();
  const pid = await ground.start('rides');
  const port = Number(new URL(ground.system.url('rides')).port);
  const seen: Seen[] = [];
  const since = performance.now();
  try {
    await load.measure({ port, connections: 128, warm: 1, window: 1 }, pid); // its code is compiled now
    while (seen.at(-1) === undefined || performance.now() - since < patience * 1000) {
      const rides = await endOf(ground.admin, 'ride_details');
      step(`rides, after ${rides} of them`);
      const { rate } = await load.measure({ port, connections: 128, warm: 0.2, window: 2 }, pid);
      seen.push({ rides, rate, memory: await memoryOf(pid) });
      if (rides >= Math.max(...marks)) break;
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
    for (let rides = 0; rides < Math.max(...marks); ) {
      const { rate } = await throughput({ done, total, pids: [pid], warm: rides === 0 ? 1 : 0.1, window: 1 });
      rides = await done();
      seen.push({ rides, rate, memory: await memoryOf(pid) });
    }
    return seen;
  } finally {
    await ground.stopServices();
  }
}

const memoryOf = async (pid: number) => (await residentMemory([pid]))[0] as number;

/** The first look after each mark, as far as it got; the goal is that the last is no slower than the first. */
function rowOf(what: string, seen: Seen[]): Row {
  const looks = marks.map((mark) => seen.find(({ rides }) => rides >= mark) ?? (seen.at(-1) as Seen));
  const [first, last] = [looks[0] as Seen, looks.at(-1) as Seen];
  const list = (show: (seen: Seen) => string) => looks.map(show).join(', ');
  return plainRow({
    figure: `${what} after ${list(({ rides }) => `${number(rides / 1000)} k`)} rides`,
    ours: list(({ rate }) => perSecond(rate)),
    control: 'memory meanwhile',
    theirs: list(({ memory }) => `${memory.toFixed(0)} MB`),
    ratio: number(last.rate / first.rate),
    ...judged(last.rate / first.rate, { atLeast: 0.95 }),
    data: seen,
  });
}
