import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

const poison = ['not json', '{"id":1}', '[]', '{"customer_id":"../etc"}', '', '\u0000\u0000'];

export const foreignMessages: Scenario = {
  name: 'foreign',
  what: 'one message in a hundred unreadable, one as the tutorials write it',
  async run(world, say) {
    const load = world.load(100);
    const rounds = world.share ? 15 : 40;
    for (let i = 0; i < rounds; i++) {
      await strangeMessages(world, i);
      await sleep(1000 / 2); // the rate of it: two of each in a second
    }
    await load.stop();
    say(`${2 * rounds} unreadable, ${2 * rounds} as the tutorials write them`);
    return { rounds: 4 * rounds };
  },
};

/** Writes to each topic one unreadable message, and one as in the tutorials. */
export async function strangeMessages({ log }: World, i: number): Promise<void> {
  await log.write('ride_details', { value: poison[i % poison.length] as string });
  await log.write('ride_details', {
    value: JSON.stringify({ id: i, customer_id: `tutorial_${i}`, location: 'Lat: 12.97, Long: 77.59' }),
  });
  await log.write('ride_confirmed', { value: poison[(i + 1) % poison.length] as string });
  await log.write('ride_confirmed', {
    value: JSON.stringify({
      customer_id: `tutorial_${i}`,
      alloted_driver: 'driver_1',
      pickup_time: '9mins',
    }),
  });
}
