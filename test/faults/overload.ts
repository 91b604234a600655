import { answersOf, startFlood } from './flood.ts';
import { residentMb, watchMemory } from './memory.ts';
import type { Scenario } from './scenario.ts';

/** As many at a time as wait for an answer: with so many the queues of rides, and not the clients, are what limits. */
const connections = 1000;
/**
 * What rides may grow by, in MB, however much is offered: the rides that it shows (50,000 of 0.7 kB: 35), the queue to Kafka
 * (16 as bytes, as objects twice that), the requests of all connections (1000 of 40 kB: 40), and as much again, since
 * memory that is free is not given back at once.
 */
const mayGrow = 220;
/** Customers who each wait for their answer before they book again. */
const clients = 200;
/** Windows in which the rate must be back. */
const tries = 10;

export const overload: Scenario = {
  name: 'overload',
  what: 'three times the rides that the system takes',
  async run(world, say) {
    const [warm, long, window] = world.share ? [2, 6, 3] : [4, 20, 4];
    const flood = startFlood(world.system.url('rides'), connections);
    try {
      world.accepted.push(...(await flood.run({ clients, seconds: warm })).accepted);
      const before = await flood.run({ clients, seconds: window });
      world.accepted.push(...before.accepted);
      const peak = Math.round(before.rate);
      say(`${clients} customers who wait for each answer get ${peak} rides a second`);

      const pid = world.system.children.get('rides')?.pid as number;
      const first = await residentMb(pid);
      const memory = watchMemory(pid);
      const over = await flood.run({ rate: 3 * peak, seconds: long });
      world.accepted.push(...over.accepted);
      const most = memory();
      const during = Math.round(over.rate);
      say(`${3 * peak} a second for ${long} s: ${answersOf(over)}; slowest ${Math.round(over.slowest)} ms`);
      say(`rides had ${Math.round(first)} MB before and ${Math.round(most)} MB at most`);
      if (over.unanswered > 0) throw new Error(`${over.unanswered} requests were not answered at all`);
      if (most > first + mayGrow)
        throw new Error(`rides grew by ${Math.round(most - first)} MB; ${mayGrow} are its bound`);

      let after = 0;
      for (let n = 1; n <= tries && after < 0.9 * peak; n++) {
        const again = await flood.run({ rate: peak, seconds: window });
        world.accepted.push(...again.accepted);
        after = Math.round(again.rate);
        say(`${peak} a second again: ${after} of them accepted a second`);
      }
      if (after < 0.9 * peak) throw new Error(`${after} rides a second afterwards, ${peak} before`);
      if (world.system.children.get('rides')?.pid !== pid) throw new Error('rides was started anew');
      return {
        rounds: 1,
        note: `accepted a second: ${peak} before, ${during} during, ${after} after; rides had ${Math.round(most)} MB at most`,
      };
    } finally {
      await flood.stop();
    }
  },
};
