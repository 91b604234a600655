import { expect, test } from '@jest/globals';
import { outline } from '@rideflow/shared/map/outline.js';
import { toPoint, world } from '@rideflow/shared/map/projection.js';
import fc from 'fast-check';
import { cells } from './cells.ts';
import { received } from './fixtures.ts';
import { boundsFor, shadeOf } from './page/shades.js';
import { toRide } from './ride.ts';
import { Statistics } from './statistics.ts';

function cellAt(lat: number, long: number, resolution: number) {
  const statistics = new Statistics();
  statistics.count(toRide(received(0, { location: { lat, long } })));
  const [cell] = cells(statistics, resolution).cells;
  if (!cell) throw new Error('there is no cell');
  return cell;
}

type Polygon = [number, number][];
const polygons = (path: string): Polygon[] =>
  path
    .split('Z')
    .filter(Boolean)
    .map((part) =>
      part
        .slice(1)
        .split('L')
        .map((point) => point.split(',').map(Number) as [number, number]),
    );

/** Whether a point lies within: a line to the right crosses the outline an odd number of times. */
const within = (polygon: Polygon, x: number, y: number) =>
  polygon.filter(([x1, y1], i) => {
    const [x2, y2] = polygon[(i + 1) % polygon.length] as [number, number];
    return y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1);
  }).length %
    2 ===
  1;

test('a cell is drawn around its centre, once, also at the antimeridian and around a pole', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: -90, max: 90 }), fc.constantFrom(-90, -89, 89, 90)),
      fc.oneof(fc.integer({ min: -180, max: 180 }), fc.constantFrom(-180, -179, 179, 180)),
      fc.integer({ min: 0, max: 7 }),
      (lat, long, resolution) => {
        const cell = cellAt(lat, long, resolution);
        const drawn = polygons(outline(cell.corners));
        const { x, y } = toPoint(cell);
        expect(drawn.filter((polygon) => within(polygon, x, y))).toHaveLength(1);
      },
    ),
  );
});

test('a cell on the antimeridian is at both edges of the map', () => {
  const xs = polygons(outline(cellAt(-17, 179.99, 1).corners)).map((polygon) => polygon.map(([x]) => x));
  expect(xs).toHaveLength(2);
  expect(xs.some((all) => all.some((x) => x < 180) && all.some((x) => x > 180))).toBe(true);
  expect(xs.some((all) => all.some((x) => x < -180) && all.some((x) => x > -180))).toBe(true);
});

test('a cell around a pole reaches the pole from edge to edge', () => {
  for (const [lat, y] of [
    [90, world.y],
    [-90, world.y + world.height],
  ] as const) {
    const drawn = polygons(outline(cellAt(lat, 0, 1).corners));
    for (const x of [-179, 0, 179]) {
      expect(drawn.filter((polygon) => within(polygon, x, y * 0.999))).toHaveLength(1);
      expect(drawn.some((polygon) => within(polygon, x, y * 0.5))).toBe(false);
    }
  }
});

test('the classes of shades are round, at most six up to 100,000, and hold every number', () => {
  expect(boundsFor(0)).toEqual([]);
  expect(boundsFor(1)).toEqual([1]);
  expect(boundsFor(4)).toEqual([1, 2, 5]);
  expect(boundsFor(50)).toEqual([1, 2, 5, 10, 20, 50]);
  expect(boundsFor(51)).toEqual([1, 3, 10, 30, 100]);
  expect(boundsFor(301)).toEqual([1, 10, 100, 1000]);
  expect([1, 2, 5].map((rides) => shadeOf(rides, [1, 2, 5]))).toEqual([0.25, 0.625, 1]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (most) => {
      const bounds = boundsFor(most) as number[];
      expect(bounds.length).toBeLessThanOrEqual(6);
      expect(bounds.at(-1)).toBeGreaterThanOrEqual(most);
      expect(shadeOf(most, bounds)).toBe(1);
    }),
  );
});
