/** Checks that throughput and memory stay constant while the number of rides grows. */
import { freePorts } from '../../../infra/broker/ports.ts';
import { residentMb } from '../../faults/memory.ts';
import { eventually } from '../../support/eventually.ts';
import { spreadOf } from '../compare.ts';
import { fill } from '../fill.ts';
import type { Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { listening, startHttpLoad } from '../http.ts';
import { atRest } from '../processes.ts';
import { startProgram } from '../program.ts';
import { committedBy, endOf } from '../progress.ts';
import { judged, number, perSecond, plainRow, type Row } from '../table.ts';
import { throughput } from '../throughput.ts';

const marks = [10_000, 100_000, 1_000_000];
const margin = 250_000;
/** Measurements after each mark; the median counts. */
const looks = 3;

/** A measurement after this many rides. */
interface Seen {
  rides: number;
  rate: number;
  /** Resident memory in MB. */
  memory: number;
  /** The rate of a control just before, which shows the speed of the machine; marks are a minute apart. */
  beside?: number;
}

export const growth: Group = {
  name: 'growth',
  what: 'throughput and memory after 10,000, 100,000 and 1,000,000 rides',
  seconds: 120,
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

/** Between the marks, rides are written without HTTP, which is faster. The process reads them anyway. */
async function growRides(ground: Ground, step: (what: string) => void): Promise<Seen[]> {
  const load = startHttpLoad();
  const [echoPort = 0] = await freePorts(1);
  const echo = startProgram('controls/express-echo.ts', { PORT: String(echoPort) });
  const seen: Seen[] = [];
  try {
    await listening(echoPort);
    const pid = await ground.start('rides');
    const port = Number(new URL(ground.system.url('rides')).port);
    const look = async (port: number, pid: number, warm: number) =>
      (await load.measure({ port, connections: 128, warm, window: 1 }, pid)).rate;
    await look(echoPort, echo.pid, 2); // their code is now compiled
    await look(port, pid, 2);
    for (const mark of marks) {
      const missing = mark - (await endOf(ground.admin, 'ride_details'));
      step(`rides, after ${mark} of them`);
      if (missing > 0) await fill(ground.kafka, 'ride_details', missing);
      await atRest(pid);
      for (let n = 0; n < looks; n++) {
        const rides = await endOf(ground.admin, 'ride_details');
        const beside = await look(echoPort, echo.pid, 0.3);
        const rate = await look(port, pid, 0.3);
        seen.push({ rides, rate, beside, memory: await residentMb(pid) });
      }
    }
    return seen;
  } finally {
    await load.stop();
    await echo.stop();
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
      seen.push({ rides, rate, memory: await residentMb(pid) });
    }
    await eventually(async () => {
      if ((await done()) < total) throw new Error(`${name} is not at the end of its backlog`);
    }, 60_000);
    return seen;
  } finally {
    await ground.stopServices();
  }
}

/** The goal: the last mark is not slower than the first, each relative to its control if there is one. */
function rowOf(what: string, seen: Seen[]): Row {
  const at = marks.map((mark) => {
    const first = seen.findIndex(({ rides }) => rides >= mark);
    const there = seen.slice(first, first + looks);
    return {
      rides: there[0]?.rides ?? 0,
      rate: spreadOf(there.map(({ rate }) => rate)).median,
      share: spreadOf(there.map(({ rate, beside = 1 }) => rate / beside)).median,
      memory: there.at(-1)?.memory ?? 0,
    };
  });
  const ratio = (at.at(-1)?.share ?? 0) / (at[0]?.share ?? 0);
  const list = (show: (seen: (typeof at)[number]) => string) => at.map(show).join(', ');
  const shares =
    seen[0]?.beside === undefined ? '' : `${list(({ share }) => number(share))} of an Express echo; `;
  return plainRow({
    figure: `${what} after ${list(({ rides }) => `${number(rides / 1000)} k`)} rides`,
    ours: list(({ rate }) => perSecond(rate)),
    control: 'memory meanwhile',
    theirs: shares + list(({ memory }) => `${memory.toFixed(0)} MB`),
    ratio: number(ratio),
    ...judged(ratio, { atLeast: 0.95 }),
    data: seen,
  });
}
