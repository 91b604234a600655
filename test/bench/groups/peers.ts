/** transaction, compared with what an engineer would choose instead: the same copy exactly once, by other programs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../../infra/broker/guard.ts';
import { residentMb } from '../../faults/memory.ts';
import { type Rate, rates, startClock } from '../clock.ts';
import { type Compared, interleave, type Side } from '../compare.ts';
import { type Count, countRides, inWords } from '../count-rides.ts';
import { timesOf } from '../decisions.ts';
import { fill } from '../fill.ts';
import { copied, type Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { quantile } from '../latency.ts';
import { findPeers, type Peer } from '../peers.ts';
import { processorTime } from '../processes.ts';
import { committedBy } from '../progress.ts';
import { compareRow, type Goal, number, plainRow, type Row, timeRow } from '../table.ts';
import type { Measured } from '../throughput.ts';

/** For all rides of a backlog, in milliseconds. */
const patience = 300_000;

export const peers: Group = {
  name: 'peers',
  what: 'transaction, compared with Kafka Streams and other clients that copy exactly once',
  seconds: 1000,
  quickSeconds: null,
  extra: 'bench peers',
  async run(ground, { quick, rounds }, step) {
    const { peers, missing } = await findPeers();
    const rides = quick ? 80_000 : 150_000;
    const prepare = async () => {
      step(`writing ${rides} rides`);
      await ground.clear();
      await fill(ground.kafka, 'ride_details', rides);
      const input = await countRides(ground, 'ride_details', rides);
      if (input.lost + input.doubled > 0) throw new Error(`the backlog has ${inWords(input)}`);
    };
    await prepare();
    const sides = [ours];
    step('warming up the broker');
    await decideBacklog(ground, ours, rides);
    for (const peer of peers.map(besides)) {
      step(`trying ${peer.name}`);
      try {
        await decideBacklog(ground, peer, rides);
        sides.push(peer);
      } catch (error) {
        missing.push(`${peer.name} was left out: ${(error as Error).message}.`);
        await prepare(); // its transaction may be open
      }
    }
    const backlogs: Side<Backlog>[] = sides.map((side) => ({
      name: side.name,
      measure: () => decideBacklog(ground, side, rides),
    }));
    const backlog = await interleave(backlogs, rounds, (what) => step(`${rides} rides, ${what}`));
    const times = await interleave(
      sides.map((side) => ({
        name: side.name,
        measure: () => followRides(ground, side, quick ? [{ rate: 200, seconds: 2 }] : rates),
      })),
      rounds,
      (what) => step(`rides by the clock, ${what}`),
    );
    return [
      ...rowsOf(backlog, rides, peers),
      ...timeRows(times, peers),
      ...missing.map((line) => plainRow({ figure: 'rides', ours: '', control: line })),
    ];
  },
};

/** A program that decides rides. */
interface Deciding {
  name: string;
  output: string;
  start(ground: Ground): Promise<{ pid: number; group: string; stop(): Promise<void> }>;
}

const ours: Deciding = {
  name: 'transaction',
  output: 'ride_confirmed',
  async start(ground) {
    await ground.forget('transaction');
    const pid = await ground.start('transaction', { wait: false });
    return { pid, group: 'transaction', stop: () => ground.stopServices() };
  },
};

const besides = ({ name, start }: Peer): Deciding => ({
  name,
  output: copied,
  start: async (ground) => start(ground),
});

interface Backlog {
  /** From the start of the process to the last decision. */
  whole: Measured;
  /** The second half of the rides: code is compiled while it runs. */
  warm: Measured;
  /** From the start of the process to the first decision, in seconds. */
  first: number;
  /** Resident memory at the end, in MB. */
  memory: number;
  output: Count;
}

async function decideBacklog(ground: Ground, { output, start }: Deciding, rides: number): Promise<Backlog> {
  await ground.empty(output);
  const begun = { at: performance.now() / 1000, cpu: 0, done: 0 };
  const { pid, group, stop } = await start(ground);
  const decided = async (count: number) => {
    for (const end = performance.now() + patience; ; await sleep(20)) {
      if (!isAlive(pid)) throw new Error('it ended');
      const done = await committedBy(ground.admin, group, 'ride_details');
      if (done >= count) return { at: performance.now() / 1000, cpu: processorTime(pid), done };
      if (performance.now() > end) throw new Error(`it decided only ${done} of ${rides} rides`);
    }
  };
  try {
    const first = await decided(1);
    const half = await decided(rides / 2);
    const end = await decided(rides);
    const since = (from: typeof begun): Measured => {
      const count = end.done - from.done;
      return { rate: count / (end.at - from.at), cpu: ((end.cpu - from.cpu) / count) * 1e6 };
    };
    return {
      whole: since(begun),
      warm: since(half),
      first: first.at - begun.at,
      memory: await residentMb(pid),
      output: await countRides(ground, output, rides),
    };
  } finally {
    await stop();
  }
}

/** For each rate, the milliseconds from the acknowledgement of each ride until its decision was visible. */
type Times = Map<number, number[]>;

async function followRides(ground: Ground, { name, output, start }: Deciding, rates: Rate[]): Promise<Times> {
  for (const topic of ['ride_details', output]) await ground.empty(topic);
  const clock = startClock('topic-clock.ts', ground.brokers, [output]);
  try {
    await clock.ready;
    const { stop } = await start(ground);
    const write = async (rate: Rate): Promise<number[]> => {
      const rides = await clock.follow(rate).catch((error: Error) => {
        throw new Error(`${name}: ${error.message}`);
      });
      return timesOf(rides);
    };
    try {
      await write({ rate: 1000, seconds: 5 }); // its code is compiled now
      const times: Times = new Map();
      for (const rate of rates) times.set(rate.rate, await write(rate));
      return times;
    } finally {
      await stop();
    }
  } finally {
    await clock.stop();
  }
}

function rowsOf([ours, ...others]: Compared<Backlog>[], rides: number, peers: Peer[]): Row[] {
  if (!ours) throw new Error('nothing was measured');
  const of = <T>({ name, rounds }: Compared<Backlog>, pick: (round: Backlog) => T): Compared<T> => ({
    name,
    rounds: rounds.map(pick),
  });
  const rate = (figure: string, peer: Compared<Backlog>, pick: (round: Backlog) => Measured, goal?: Goal) =>
    compareRow(`${rides} waiting rides, ${figure}`, of(ours, pick), of(peer, pick), goal);
  const times = (figure: string, unit: string, pick: (round: Backlog) => number) =>
    others.map((peer) => timeRow(figure, of(ours, pick), of(peer, pick), (x) => `${number(x)} ${unit}`));
  const worst = ({ rounds }: Compared<Backlog>): Count => ({
    lost: Math.max(...rounds.map(({ output }) => output.lost)),
    doubled: Math.max(...rounds.map(({ output }) => output.doubled)),
  });
  return [
    ...others.flatMap((peer) =>
      (peers.find(({ name }) => name === peer.name)?.backlog ?? [undefined]).map((goal) =>
        rate('from the start of the process', peer, ({ whole }) => whole, goal),
      ),
    ),
    ...others.map((peer) => rate('the second half', peer, ({ warm }) => warm)),
    ...times('from the start of the process to the first decision', 's', ({ first }) => first),
    ...times('resident memory behind all rides', 'MB', ({ memory }) => memory),
    ...others.map((peer) =>
      plainRow({
        figure: 'rides in the output',
        ours: inWords(worst(ours)),
        control: peer.name,
        theirs: inWords(worst(peer)),
        data: { ours: worst(ours), peer: worst(peer) },
      }),
    ),
  ];
}

function timeRows([ours, ...others]: Compared<Times>[], peers: Peer[]): Row[] {
  const at = (compared: Compared<Times> | undefined, rate: number, share: number) =>
    compared && {
      name: compared.name,
      rounds: compared.rounds.map((times) => quantile(times.get(rate) as number[], share)),
    };
  return [...(ours?.rounds[0]?.keys() ?? [])].flatMap((rate) =>
    [0.5, 0.99].flatMap((share) =>
      others.map((peer) =>
        timeRow(
          `stored ride to visible decision at ${rate} rides/s, p${100 * share}`,
          at(ours, rate, share),
          at(peer, rate, share),
          (time) => `${number(time)} ms`,
          rate === 200 ? peers.find(({ name }) => name === peer.name)?.times : undefined,
        ),
      ),
    ),
  );
}
