/** POST /rides, compared with echo servers and with a simple program. */
import { freePorts } from '../../../infra/broker/ports.ts';
import { interleave, type Side } from '../compare.ts';
import { copied } from '../ground.ts';
import type { Group } from '../group.ts';
import { listening, startHttpLoad } from '../http.ts';
import { type Program, startProgram } from '../program.ts';
import { compareRow } from '../table.ts';
import type { Measured } from '../throughput.ts';

const connections = 128;

export const rides: Group = {
  name: 'rides',
  what: 'POST /rides, compared with an Express echo, a plain echo, and a route that awaits producer.send',
  seconds: 70,
  quickSeconds: 10,
  async run(ground, { quick, rounds }, step) {
    await ground.clear();
    const load = startHttpLoad();
    const programs: Program[] = [];
    const [echo = 0, bare = 0, send = 0] = await freePorts(3);
    const time = quick ? { warm: 0.5, window: 1 } : { warm: 0.7, window: 2.3 };
    const side = (name: string, pid: number, port: number): Side<Measured> => ({
      name,
      measure: () => load.measure({ port, connections, ...time }, pid),
    });
    const control = async (name: string, script: string, port: number) => {
      const env = { PORT: String(port), KAFKA_BROKERS: ground.brokers.join(), TO: copied };
      const program = startProgram(`controls/${script}`, env);
      programs.push(program);
      await listening(port);
      return side(name, program.pid, port);
    };
    try {
      const pid = await ground.start('rides');
      const sides = [
        side('rides', pid, Number(new URL(ground.system.url('rides')).port)),
        await control('stock Express 5 echo', 'express-echo.ts', echo),
        await control('bare node:http echo', 'http-echo.ts', bare),
        await control('Express, await producer.send', 'express-send.ts', send),
      ];
      if (quick) sides.splice(2, 1);
      for (const { measure } of sides) await measure(); // their code is now compiled
      const [ours, ...controls] = await interleave(sides, rounds, step);
      const goals = new Map([
        ['stock Express 5 echo', { atLeast: 0.8 }],
        ['Express, await producer.send', { atMost: 0.5, of: 'cpu' as const }],
      ]);
      return controls.map((control) =>
        compareRow('POST /rides, checked and on disk', ours, control, goals.get(control.name)),
      );
    } finally {
      for (const program of programs) await program.stop();
      await load.stop();
      await ground.stopServices();
    }
  },
};
