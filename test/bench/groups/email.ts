/** email with a backlog, compared with nodemailer alone with the same connections. */
import { interleave, type Side } from '../compare.ts';
import { fill } from '../fill.ts';
import type { Group } from '../group.ts';
import { startProgram } from '../program.ts';
import { compareRow } from '../table.ts';
import { type Measured, throughput } from '../throughput.ts';

export const email: Group = {
  name: 'email',
  what: 'mails, compared with a simple loop around sendMail with the same pool',
  seconds: 65,
  quickSeconds: 12,
  async run(ground, { quick, rounds }, step) {
    const { sink } = ground;
    const total = quick ? 20_000 : 40_000;
    const time = quick ? { warm: 1, window: 1.5 } : { warm: 1.5, window: 3 };
    await ground.clear();
    step('writing a backlog');
    await fill(ground.kafka, 'ride_confirmed', total);
    const done = async () => (await sink.count()).mails;
    let connections = 0;
    const sides: Side<Measured>[] = [
      {
        name: 'email',
        async measure() {
          await ground.forget('email');
          const pid = await ground.start('email', { wait: false });
          try {
            return await throughput({ done, total, pids: [pid], ...time });
          } finally {
            connections = Math.max(connections, (await sink.count()).most);
            await ground.stopServices();
          }
        },
      },
      {
        name: 'pooled sendMail loop',
        async measure() {
          const env = { SMTP_PORT: String(sink.port), CONNECTIONS: String(connections) };
          const program = startProgram('controls/send-mails.ts', env);
          try {
            return await throughput({ done, total, pids: [program.pid], ...time });
          } finally {
            await program.stop();
            await sink.count();
          }
        },
      },
    ];
    const [ours, control] = await interleave(sides, rounds, step);
    const row = compareRow('email', ours, control, { atLeast: 1.3 });
    return [{ ...row, control: `${row.control}, ${connections} connections` }];
  },
};
