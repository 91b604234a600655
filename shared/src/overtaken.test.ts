import { expect, test } from '@jest/globals';
import { type DecidedRide, Overtaking } from './overtaken.ts';

const ride = (partition: number, stored: number, decided: number, customer = 'user_1'): DecidedRide => ({
  customer,
  partition,
  coordinates: `ride_details/${partition}/${stored}`,
  stored,
  decided,
});

test('a ride that is decided after one that was stored later is overtaken, in whichever order they are seen', () => {
  for (const seen of [
    [ride(0, 10, 50), ride(1, 20, 30)],
    [ride(1, 20, 30), ride(0, 10, 50)],
  ]) {
    const overtaking = new Overtaking(10);
    const found = seen.flatMap((one) => overtaking.add(one));
    expect(found).toEqual([
      {
        ride: expect.objectContaining({ coordinates: 'ride_details/0/10' }),
        by: expect.objectContaining({ coordinates: 'ride_details/1/20' }),
      },
    ]);
    expect(overtaking.count).toBe(1);
  }
});

test('other customers, the same moment and the order of the requests overtake nobody', () => {
  const overtaking = new Overtaking(10);
  const all = [ride(0, 10, 50), ride(1, 20, 30, 'user_2'), ride(1, 10, 40), ride(2, 12, 50), ride(2, 60, 70)];
  expect(all.flatMap((one) => overtaking.add(one)).map(({ ride }) => ride.stored)).toEqual([]);
});

test('one that is overtaken by several counts once, and a second decision not at all', () => {
  const overtaking = new Overtaking(10);
  for (const one of [ride(0, 10, 50), ride(1, 20, 30), ride(2, 21, 31), ride(0, 10, 90)]) overtaking.add(one);
  expect(overtaking.count).toBe(1);
});

test('rides that are read one partition after the other are compared all the same', () => {
  const overtaking = new Overtaking(10);
  for (let n = 0; n < 30; n++) overtaking.add(ride(0, 10 * n, 10 * n + 9));
  // Each is stored after the one beside it, and decided before it.
  for (let n = 0; n < 30; n++) overtaking.add(ride(1, 10 * n + 1, 10 * n + 5));
  expect(overtaking.count).toBe(30);
});
