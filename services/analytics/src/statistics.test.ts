import { expect, test } from '@jest/globals';
import { noon, received, rejected } from './fixtures.ts';
import { toRide } from './ride.ts';
import { hour, limits, minute, others, Statistics } from './statistics.ts';
import { toFigures } from './tally.ts';

type Given = Parameters<typeof received>[1];
function counting(...rides: Given[]): Statistics {
  const statistics = new Statistics();
  for (const [i, ride] of rides.entries()) statistics.count(toRide(received(i, ride)));
  return statistics;
}
const figures = (statistics: Statistics) => toFigures(statistics.all);
/** Everything that a statistics object holds, in an order of its own. */
const contents = ({ all, drivers, areas, minutes, hours }: Statistics) => ({
  all,
  drivers: [...drivers].sort(),
  areas: [...areas].sort(),
  minutes: [...minutes].sort(),
  hours: [...hours].sort(),
});

test('count, average and maximum run along with the rides', () => {
  const statistics = counting({ pickup_minutes: 10 }, { pickup_minutes: 20 }, { pickup_minutes: 15 });
  expect(figures(statistics)).toEqual({
    rides: 3,
    confirmed: 3,
    rejected: 0,
    rejected_share: 0,
    average_pickup_minutes: 15,
    max_pickup_minutes: 20,
  });
});

test('a rejected ride counts as a ride, and not as a pickup of no minutes', () => {
  const statistics = counting({ pickup_minutes: 10 }, rejected);
  expect(figures(statistics)).toMatchObject({
    rides: 2,
    confirmed: 1,
    rejected: 1,
    rejected_share: 0.5,
    average_pickup_minutes: 10,
    max_pickup_minutes: 10,
  });
  expect([...statistics.drivers.keys()]).toEqual(['driver_1']);
});

test('before the first ride there is no average, no maximum and no share', () => {
  expect(figures(new Statistics())).toMatchObject({
    rides: 0,
    rejected_share: null,
    average_pickup_minutes: null,
    max_pickup_minutes: null,
  });
});

test('a pickup at once is a maximum of 0 minutes, not an unknown one', () => {
  expect(figures(counting({ pickup_minutes: 0 }))).toMatchObject({
    average_pickup_minutes: 0,
    max_pickup_minutes: 0,
  });
});

test('every driver, area, minute and hour has its own figures', () => {
  const statistics = counting(
    { at: noon, alloted_driver: 'driver_1', pickup_minutes: 4 },
    { at: noon + minute - 1, alloted_driver: 'driver_2', pickup_minutes: 8 },
    {
      at: noon + minute,
      alloted_driver: 'driver_1',
      pickup_minutes: 12,
      location: { lat: 48.14, long: 11.58 },
    },
    { at: noon + hour, alloted_driver: 'driver_1', pickup_minutes: 2, location: null },
  );
  const rides = (tallies: Map<unknown, { rides: number }>) =>
    [...tallies.values()].map((tally) => tally.rides);
  expect(rides(statistics.drivers)).toEqual([3, 1]);
  expect(rides(statistics.minutes)).toEqual([2, 1, 1]);
  expect(rides(statistics.hours)).toEqual([3, 1]);
  expect(rides(statistics.areas)).toEqual([2, 1]);
  expect(statistics.minutes.get(noon)).toMatchObject({ minutesSum: 12, minutesMax: 8 });
});

test('a ride belongs to the minute of its request, no matter how late it is decided', () => {
  const statistics = counting({
    at: noon,
    decided_at: '2026-01-01T12:07:00.000Z',
    timestamp: noon + 7 * minute,
  });
  expect([...statistics.minutes.keys()]).toEqual([noon]);
});

test('a ride with a request time in the future counts from when Kafka received it', () => {
  const statistics = counting({ requested_at: '2099-01-01T00:00:00.000Z', timestamp: noon });
  expect([...statistics.minutes.keys()]).toEqual([noon]);
});

test('windows that are too old are deleted, and a ride that is too late for one only counts in the totals', () => {
  const tooOld = noon - limits.minutes * minute;
  const oldest = tooOld + minute;
  const statistics = counting({ at: tooOld }, { at: oldest }, { at: noon }, { at: tooOld });
  expect([...statistics.minutes.keys()]).toEqual([oldest, noon]);
  expect(statistics.all.rides).toBe(4);

  const hours = counting({ at: noon - limits.hours * hour }, { at: noon });
  expect([...hours.hours.keys()]).toEqual([noon]);
});

test('the order of delivery does not matter, even if windows are deleted', () => {
  const rides = Array.from({ length: 400 }, (_, i) => ({
    at: noon + ((i * 7919) % 400) * 10 * minute,
    pickup_minutes: i % 30,
    alloted_driver: `driver_${i % 7}`,
  }));
  const shuffled = rides.map((ride, i) => [Math.sin(i), ride] as const).sort(([a], [b]) => a - b);
  expect(contents(counting(...shuffled.map(([, ride]) => ride)))).toEqual(contents(counting(...rides)));
});

test('drivers beyond the limit share one tally, so memory is bounded and the sum stays exact', () => {
  const rides = Array.from({ length: limits.drivers + 50 }, (_, i) => ({ alloted_driver: `driver_${i}` }));
  const statistics = counting(...rides, { alloted_driver: 'driver_0' }, { alloted_driver: 'driver_1049' });
  expect(statistics.drivers.size).toBe(limits.drivers + 1);
  expect(statistics.drivers.get('driver_0')?.rides).toBe(2);
  expect(statistics.drivers.get(others)?.rides).toBe(51);
  const sum = [...statistics.drivers.values()].reduce((total, { rides }) => total + rides, 0);
  expect(sum).toBe(statistics.all.rides);
});

test('a batch changes each row once, however many rides are in it', () => {
  const statistics = counting({}, {}, {}, rejected);
  const { changed, removed } = statistics.takeChanges();
  expect(changed.map(({ scope, key }) => `${scope} ${key}`).sort()).toEqual([
    'all ',
    'area 8760145b4ffffff',
    'driver driver_1',
    `hour ${noon}`,
    `minute ${noon}`,
  ]);
  expect(removed).toEqual([]);
  expect(statistics.takeChanges().changed).toEqual([]);
});
