/** transaction with a backlog, compared with loops of the same client that guarantee less. */
import { interleave, type Side } from '../compare.ts';
import { startReading } from '../controls.ts';
import { fill } from '../fill.ts';
import { copied, type Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import type { Program } from '../program.ts';
import { endOf } from '../progress.ts';
import { findPython, goalOver, nameOf, startTutorial } from '../python.ts';
import { compareRow, type Goal } from '../table.ts';
import { type Measured, throughput } from '../throughput.ts';

const loops = [
  {
    name: 'kafkajs eachBatch copy with JSON, no transaction',
    script: 'copy-json.ts',
    goal: { atLeast: 0.9 },
  },
  { name: 'kafkajs eachBatch copy of bytes, no transaction', script: 'copy-buffers.ts' },
  { name: 'kafkajs eachMessage, sent one by one', script: 'each-message.ts', goal: { atLeast: 12 } },
];

export const transaction: Group = {
  name: 'transaction',
  what: 'deciding rides in Kafka transactions, compared with loops without',
  seconds: 170,
  quickSeconds: 15,
  async run(ground, { quick, rounds }, step) {
    const total = quick ? 120_000 : 300_000;
    const time = quick ? { warm: 0.7, window: 1 } : { warm: 2, window: 2 };
    await ground.clear();
    step('writing a backlog');
    await fill(ground.kafka, 'ride_details', total);
    const chosen: Control[] = (quick ? loops.slice(0, 1) : loops).map(({ script, ...loop }) => ({
      ...loop,
      start: () => startReading(ground, script, 'ride_details'),
    }));
    const python = findPython();
    if (!quick && python)
      chosen.push({
        name: `${nameOf(python)}, acknowledges nothing`,
        start: () => startTutorial(python, 'transaction', ground.brokers.join(), 'ride_details', copied),
        goal: goalOver(python),
      });
    const sides: Side<Measured>[] = [
      { name: 'transaction', measure: () => measureTransaction(ground, total, time) },
      ...chosen.map(({ name, start }) => ({ name, measure: () => measureCopy(ground, start, total, time) })),
    ];
    const [ours, ...others] = await interleave(sides, rounds, step);
    return others.map((control, i) =>
      compareRow('transaction, exactly once', ours, control, chosen[i]?.goal),
    );
  },
};

interface Control {
  name: string;
  start: () => Program;
  goal?: Goal;
}

interface Time {
  warm: number;
  window: number;
}

/** From the start of the backlog, with nothing decided yet. */
async function measureTransaction(ground: Ground, total: number, time: Time) {
  await ground.forget('transaction');
  await ground.empty('ride_confirmed');
  const done = () => endOf(ground.admin, 'ride_confirmed');
  const pid = await ground.start('transaction', { wait: false });
  try {
    return await throughput({ done, total, pids: [pid], ...time });
  } finally {
    await ground.stopServices();
  }
}

async function measureCopy(ground: Ground, start: () => Program, total: number, time: Time) {
  await ground.empty(copied);
  const program = start();
  try {
    const done = () => endOf(ground.admin, copied);
    return await throughput({ done, total, pids: [program.pid], ...time });
  } finally {
    await program.stop();
  }
}
