import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { answersOf, startFlood } from './flood.ts';
import { residentMb, watchMemory } from './memory.ts';
import type { Scenario } from './scenario.ts';

/** Requests a second. */
const rate = 200;
/** An answer takes at most 5 s, the deadline of a request for a ride. The rest is for a busy machine. In milliseconds. */
const deadline = 8000;
/**
 * The allowed growth of rides, in MB. It rejects instead of queueing, so an hour without a broker costs no more than a minute.
 */
const mayGrow = 120;

export const noBroker: Scenario = {
  name: 'no-broker',
  what: 'no broker for a minute (ten seconds with --share), under load',
  async run(world, say) {
    const away = world.share ? 10 : 60;
    const flood = startFlood(world.system.url('rides'), 1000);
    try {
      world.accepted.push(...(await flood.run({ rate, seconds: 3 })).accepted);
      const pid = world.system.children.get('rides')?.pid as number;
      const first = await residentMb(pid);
      const memory = watchMemory(pid);
      const requests = flood.run({ rate, seconds: away + 2 });
      await sleep(1000); // killed while requests are in flight
      await world.broker.kill(0);
      const during = await requests;
      world.accepted.push(...during.accepted);
      say(`${away} s without a broker: ${answersOf(during)}; slowest ${Math.round(during.slowest)} ms`);
      if (during.unanswered > 0) throw new Error(`${during.unanswered} requests were not answered`);
      if (during.slowest > deadline)
        throw new Error(`an answer took ${Math.round(during.slowest)} ms; the limit is ${deadline}`);
      if (!during.statuses[503]) throw new Error('nothing was rejected: the broker was available');

      await world.broker.restart(0);
      const back = performance.now();
      const again = await eventually(async () => {
        const flooded = await flood.run({ rate, seconds: 2 });
        world.accepted.push(...flooded.accepted);
        if (flooded.statuses[202] !== flooded.sent)
          throw new Error(`not all are accepted: ${answersOf(flooded)}`);
        return (performance.now() - back) / 1000;
      });
      const most = memory();
      say(`accepting all of them again ${again.toFixed(1)} s after the broker was back`);
      say(`rides had ${Math.round(first)} MB before and ${Math.round(most)} MB at most`);
      if (world.system.children.get('rides')?.pid !== pid) throw new Error('rides was restarted');
      if (most > first + mayGrow)
        throw new Error(`rides grew by ${Math.round(most - first)} MB; the limit is ${mayGrow}`);
      return {
        rounds: 1,
        note: `every answer within ${(during.slowest / 1000).toFixed(1)} s; accepted every request again after ${again.toFixed(1)} s; rides had ${Math.round(most)} MB at most`,
      };
    } finally {
      await flood.stop();
    }
  },
};
