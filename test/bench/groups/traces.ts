/** The cost of traces: off, every tenth ride, every ride. */
import { once } from 'node:events';
import { freePorts } from '../../../infra/broker/ports.ts';
import { interleave, type Side } from '../compare.ts';
import { fill } from '../fill.ts';
import type { Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { startHttpLoad } from '../http.ts';
import { startProgram } from '../program.ts';
import { endOf } from '../progress.ts';
import { compareRow, type Row } from '../table.ts';
import { type Measured, throughput } from '../throughput.ts';

const connections = 128;
const ratios = [0.1, 1];
const percent = (ratio: number) => `traces of ${100 * ratio} % of the rides`;

export const traces: Group = {
  name: 'traces',
  what: 'traces: off, of every tenth ride, and of every ride',
  seconds: 150,
  quickSeconds: null,
  extra: 'bench traces',
  async run(ground, { rounds }, step) {
    const collector = startProgram('collector-server.ts');
    try {
      const [{ port }] = await once(collector.process, 'message');
      const on = (ratio: number) => ({
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: String(ratio),
      });
      await ground.clear();
      const rows = await measureRides(ground, on, rounds, step);
      for (const ratio of ratios) rows.push(await measureTransaction(ground, ratio, on(ratio), rounds, step));
      return rows;
    } finally {
      await collector.stop();
      await ground.stopServices();
    }
  },
};

type Step = (what: string) => void;

/** POST /rides: the service decides which rides are recorded. */
async function measureRides(
  ground: Ground,
  on: (ratio: number) => NodeJS.ProcessEnv,
  rounds: number,
  step: Step,
): Promise<Row[]> {
  const load = startHttpLoad();
  try {
    const side = async (name: string, env: NodeJS.ProcessEnv): Promise<Side<Measured>> => {
      const [port = 0] = await freePorts(1);
      const { pid } = ground.system.run('rides', { as: `rides-${port}`, port }, env);
      await ground.system.ready('rides', 60_000, `http://localhost:${port}`);
      return { name, measure: () => load.measure({ port, connections, warm: 0.7, window: 2.3 }, pid) };
    };
    const sides = [await side('no traces', {})];
    for (const ratio of ratios) sides.push(await side(percent(ratio), on(ratio)));
    for (const { measure } of sides) await measure(); // their code is now compiled
    const [off, ...traced] = await interleave(sides, rounds, step);
    return traced.map((one) => compareRow(`POST /rides, ${one.name}`, one, off));
  } finally {
    await load.stop();
    await ground.stopServices();
  }
}

/** transaction follows the writers, so the backlog says which rides are recorded. */
async function measureTransaction(
  ground: Ground,
  ratio: number,
  env: NodeJS.ProcessEnv,
  rounds: number,
  step: Step,
): Promise<Row> {
  const total = 200_000;
  await ground.clear();
  step('writing a backlog');
  await fill(ground.kafka, 'ride_details', total, 3, undefined, ratio);
  const measure = async (env: NodeJS.ProcessEnv) => {
    await ground.forget('transaction');
    await ground.empty('ride_confirmed');
    const done = () => endOf(ground.admin, 'ride_confirmed');
    const [port = 0] = await freePorts(1);
    const { pid } = ground.system.run('transaction', { as: 'transaction', port }, env);
    try {
      return await throughput({ done, total, pids: [pid], warm: 2, window: 2 });
    } finally {
      await ground.stopServices();
    }
  };
  const [off, traced] = await interleave(
    [
      { name: 'no traces', measure: () => measure({}) },
      { name: percent(ratio), measure: () => measure(env) },
    ],
    rounds,
    step,
  );
  return compareRow(`transaction, ${percent(ratio)}`, traced, off);
}
