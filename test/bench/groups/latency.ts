/** The time from a POST until a read-committed reader has the decision, compared with the same without transactions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../infra/broker/ports.ts';
import { rates, startClock } from '../clock.ts';
import { type Compared, interleave, type Side } from '../compare.ts';
import { startReading } from '../controls.ts';
import { timesOf } from '../decisions.ts';
import { copied, exactOrders, orders } from '../ground.ts';
import type { Group } from '../group.ts';
import { listening } from '../http.ts';
import { quantile } from '../latency.ts';
import { type Program, startProgram } from '../program.ts';
import type { Booking } from '../ride-clock.ts';
import { type Goal, number, plainRow, type Row, timeRow } from '../table.ts';

const plainCopy = 'Express, producer.send, eachBatch copy, no transaction';
const exactCopy = 'Express, producer.send, eachBatch copy in transactions';
/** At 200 rides per second. */
const goals = new Map<number, Goal>([
  [0.5, { atMost: 2 }],
  [0.99, { atMost: 3 }],
]);
const milliseconds = (time: number) => `${number(time)} ms`;

export const latency: Group = {
  name: 'latency',
  what: 'from POST to a visible decision at 10, 200 and 1000 rides/s, compared with no transactions',
  seconds: 145,
  quickSeconds: 12,
  async run(ground, { quick, rounds }, step) {
    await ground.clear();
    const programs: Program[] = [];
    const keep = <P extends Program>(program: P): P => {
      programs.push(program);
      return program;
    };
    const [port = 0, exactPort = 0] = await freePorts(2);
    const brokers = ground.brokers.join();
    const sending = (port: number, to: string) =>
      startProgram('controls/express-send.ts', { PORT: String(port), KAFKA_BROKERS: brokers, TO: to });
    try {
      const plain = [keep(sending(port, orders)), keep(startReading(ground, 'copy-json.ts', orders))];
      const exact = [
        keep(sending(exactPort, exactOrders)),
        keep(startReading(ground, 'copy-transaction.ts', exactOrders)),
      ];
      const clock = keep(startClock<Booking>('ride-clock.ts', ground.brokers, ['ride_confirmed', copied]));
      await ground.start('transaction');
      await ground.start('rides');
      await Promise.all([listening(port), listening(exactPort), clock.ready]);

      const book = async (booking: Booking) => timesOf(await clock.follow(booking));
      // An idle control needs more of the machine than the services, so it is frozen while others are measured.
      const side = (
        name: string,
        port: number,
        rate: number,
        seconds: number,
        controls: Program[] = [],
      ): Side<number[]> => ({
        name,
        async measure() {
          for (const control of controls) control.process.kill('SIGCONT');
          if (controls.length > 0) await sleep(300); // lets pending heartbeats and fetches finish
          try {
            return await book({ port, rate, seconds });
          } finally {
            for (const control of controls) control.process.kill('SIGSTOP');
          }
        },
      });
      const ours = Number(new URL(ground.system.url('rides')).port);
      for (const warm of [ours, port, exactPort])
        await book({ port: warm, rate: 200, seconds: quick ? 1 : 5 });
      for (const control of [...plain, ...exact]) control.process.kill('SIGSTOP');
      const rows: Row[] = [];
      for (const { rate, seconds } of quick ? [{ rate: 200, seconds: 2 }] : rates) {
        const sides = [
          side('rideflow', ours, rate, seconds),
          side(plainCopy, port, rate, seconds, plain),
          ...(rate === 200 && !quick ? [side(exactCopy, exactPort, rate, seconds, exact)] : []),
        ];
        const [measured, ...controls] = await interleave(sides, rounds, (what) =>
          step(`${rate} rides/s, ${what}`),
        );
        for (const control of controls) rows.push(...rowsOf(rate, measured, control));
      }
      return rows;
    } finally {
      for (const program of programs) await program.stop();
      await ground.stopServices();
    }
  },
};

function rowsOf(rate: number, ours: Compared<number[]> | undefined, control: Compared<number[]>): Row[] {
  if (!ours) throw new Error('nothing was measured');
  const figure = (share: string) => `POST to visible decision at ${rate} rides/s, ${share}`;
  const at = ({ name, rounds }: Compared<number[]>, share: number): Compared<number> => ({
    name,
    rounds: rounds.map((times) => quantile(times, share)),
  });
  const rows = (
    [
      [0.5, 'p50'],
      [0.99, 'p99'],
    ] as const
  ).map(([share, name]) =>
    timeRow(
      figure(name),
      at(ours, share),
      at(control, share),
      milliseconds,
      rate === 200 && control.name === plainCopy ? goals.get(share) : undefined,
    ),
  );
  const samples = ours.rounds.flat().length;
  if (samples < 1000) return rows;
  // Over all rounds together, because one round has too few rides.
  const all = [ours, control].map(({ rounds }) => quantile(rounds.flat(), 0.999)) as [number, number];
  const last = plainRow({
    figure: figure('p99.9'),
    ours: milliseconds(all[0]),
    control: control.name,
    theirs: milliseconds(all[1]),
    ratio: number(all[0] / all[1]),
    data: { samples },
  });
  return [...rows, last];
}
