import { eventually } from '../support/eventually.ts';
import { answersOf, startFlood } from './flood.ts';
import { residentMb, watchMemory } from './memory.ts';
import type { Scenario } from './scenario.ts';

/** As many at a time wait for an answer: then the queues of the system are what limits, and not the clients. */
const connections = 3000;
/**
 * What rides may grow by, in MB, however much is offered: the rides that it shows (50,000 of 0.7 kB: 35), the queue to Kafka
 * (16 as bytes, twice that as objects), the requests of all connections (3000 of 20 kB: 60), and as much again, since
 * memory that is free is not given back at once.
 */
const mayGrow = 260;
/** Customers who each wait for their answer before they book again: more and more, until more of them get no more rides. */
const crowds = [100, 300, 900];
/** Windows in which the rate must be back. */
const tries = 10;

export const overload: Scenario = {
  name: 'overload',
  what: 'three times the rides that the system takes',
  alone: true,
  async run(world, say) {
    const long = world.share ? 4 : 10;
    const window = world.share ? 2 : 3;
    const flood = startFlood(world.system.url('rides'), connections);
    try {
      world.accepted.push(...(await flood.run({ clients: 100, seconds: 2 })).accepted);
      let peak = 0;
      for (const clients of world.share ? crowds.slice(1, 2) : crowds) {
        const before = await flood.run({ clients, seconds: window });
        world.accepted.push(...before.accepted);
        peak = Math.max(peak, Math.round(before.rate));
        say(`${clients} customers who wait for each answer get ${Math.round(before.rate)} rides a second`);
      }

      if (peak === 0)
        throw new Error('no ride was accepted in time, so nothing is known about what is too much');
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
      // The mails are what takes longest; the checker is to find nothing in flight.
      const last = performance.now();
      await eventually(() => {
        const missing = world.accepted.length - world.mailbox.mails.length;
        if (missing > 0) throw new Error(`${missing} mails are missing`);
      }, 240_000);
      say(`all mails were there ${((performance.now() - last) / 1000).toFixed(0)} s later`);
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
