/** transaction over a backlog, beside loops of the same client that promise less. */
import { interleave, type Side } from '../compare.ts';
import { startReading } from '../controls.ts';
import { fill } from '../fill.ts';
import { copied, type Ground } from '../ground.ts';
import type { Group } from '../group.ts';
import { endOf } from '../progress.ts';
import { compareRow, type Goal } from '../table.ts';
import { throughput } from '../throughput.ts';

const controls: [name: string, script: string, goal?: Goal][] = [
  ['kafkajs eachBatch copy with JSON, no transaction', 'copy-json.ts', { atLeast: 0.9 }],
  ['kafkajs eachBatch copy of bytes, no transaction', 'copy-buffers.ts'],
  ['kafkajs eachMessage, sent one by one', 'each-message.ts', { atLeast: 12 }],
];

export const transaction: Group = {
  name: 'transaction',
  what: 'deciding rides in Kafka transactions beside loops without',
  seconds: 200,
  quickSeconds: 20,
  async run(ground, { quick, rounds }, step) {
    const total = quick ? 120_000 : 300_000;
    const time = quick ? { warm: 0.7, window: 1 } : { warm: 1, window: 2 };
    await ground.clear();
    step('writing a backlog');
    await fill(ground.kafka, 'ride_details', total);
    const chosen = quick ? controls.slice(0, 1) : controls;
    const sides: Side[] = [
      { name: 'transaction', measure: () => measureTransaction(ground, total, time) },
      ...chosen.map(([name, script]) => ({ name, measure: () => measureCopy(ground, script, total, time) })),
    ];
    const [ours, ...others] = await interleave(sides, rounds, step);
    return others.map((control, i) =>
      compareRow('transaction, exactly once', [ours as never, control], chosen[i]?.[2]),
    );
  },
};

interface Time {
  warm: number;
  window: number;
}

/** From the start of the backlog, with nothing decided yet. */
export async function measureTransaction(ground: Ground, total: number, time: Time) {
  await ground.forget('transaction');
  await ground.empty('ride_confirmed');
  const done = () => endOf(ground.admin, 'ride_confirmed');
  const pid = await ground.start('transaction', { wait: false });
  try {
    return await throughput({ done, total, pids: () => [pid], ...time });
  } finally {
    await ground.stopServices();
  }
}

async function measureCopy(ground: Ground, script: string, total: number, time: Time) {
  await ground.empty(copied);
  const program = startReading(ground, script, 'ride_details');
  try {
    const done = () => endOf(ground.admin, copied);
    return await throughput({ done, total, pids: () => [program.pid], ...time });
  } finally {
    await program.stop();
  }
}
