/** analytics with a backlog, compared with a loop that only counts and one that does nothing. */
import { interleave, type Side } from '../compare.ts';
import { startReading } from '../controls.ts';
import { fill } from '../fill.ts';
import type { Group } from '../group.ts';
import { committedBy } from '../progress.ts';
import { compareRow } from '../table.ts';
import { type Measured, throughput } from '../throughput.ts';

export const analytics: Group = {
  name: 'analytics',
  what: 'counting and storing, compared with a loop that only counts and an empty one',
  seconds: 65,
  quickSeconds: null,
  async run(ground, { rounds }, step) {
    const total = 400_000;
    const time = { warm: 0.4, window: 1.2 };
    await ground.clear();
    step('writing a backlog');
    await fill(ground.kafka, 'ride_confirmed', total);
    const done = (group: string) => () => committedBy(ground.admin, group, 'ride_confirmed');
    const control = (name: string, script: string): Side<Measured> => ({
      name,
      async measure() {
        const program = startReading(ground, script, 'ride_confirmed');
        try {
          return await throughput({ done: done(program.group), total, pids: [program.pid], ...time });
        } finally {
          await program.stop();
        }
      },
    });
    const ours: Side<Measured> = {
      name: 'analytics',
      async measure() {
        await ground.forget('analytics');
        const pid = await ground.start('analytics', { wait: false });
        try {
          return await throughput({ done: done('analytics'), total, pids: [pid], ...time });
        } finally {
          await ground.stopServices();
        }
      },
    };
    const sides = [
      ours,
      control('kafkajs eachBatch that only counts', 'count.ts'),
      control('kafkajs eachBatch that does nothing', 'empty.ts'),
    ];
    const [first, counting, empty] = await interleave(sides, rounds, step);
    return [
      compareRow('analytics, stored', first, counting, { atLeast: 0.4 }),
      compareRow('analytics, stored', first, empty),
    ];
  },
};
