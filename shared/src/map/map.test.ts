import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawLand } from './draw-land.ts';
import { isIn, magnification, toPlace, toPoint, viewAround, world, wrap } from './projection.js';

const lat = fc.double({ min: -90, max: 90, noNaN: true });
const long = fc.double({ min: -180, max: 180, maxExcluded: true, noNaN: true });

test('a place comes back from its point on the map', () => {
  fc.assert(
    fc.property(lat, long, (lat, long) => {
      const back = toPlace(toPoint({ lat, long }));
      expect(back.lat).toBeCloseTo(lat, 9);
      expect(back.long).toBeCloseTo(long, 9);
    }),
  );
});

test('the corners of the map are the poles at the antimeridian', () => {
  expect(toPoint({ lat: 90, long: -180 })).toEqual({ x: world.x, y: world.y });
  expect(toPoint({ lat: -90, long: 180 })).toEqual({ x: world.x + world.width, y: world.y + world.height });
});

test('a longitude beyond the edge comes in at the other side, and a latitude stops at the pole', () => {
  expect(wrap(179.99999999999994)).toBe(179.99999999999994);
  expect([wrap(181), wrap(-181), wrap(180), wrap(-180), wrap(725)]).toEqual([-179, 179, -180, -180, 5]);
  expect(toPlace({ x: 190, y: -120 })).toEqual({ lat: 90, long: -170 });
  expect(toPlace({ x: -190, y: 91 })).toEqual({ lat: -90, long: 170 });
});

test('a view shows its place and nothing outside of the world, whatever the zoom is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), lat, long, (step, lat, long) => {
      const view = viewAround(step, { lat, long });
      expect(isIn(view, { lat, long })).toBe(true);
      expect(view.width).toBeCloseTo(360 / magnification(step));
      expect(view.x).toBeGreaterThanOrEqual(world.x);
      expect(view.y).toBeGreaterThanOrEqual(world.y);
      expect(view.x + view.width).toBeLessThanOrEqual(world.x + world.width + 1e-9);
      expect(view.y + view.height).toBeLessThanOrEqual(world.y + world.height + 1e-9);
    }),
  );
});

test('a step of the zoom shows a seventh of the area', () => {
  expect(magnification(0)).toBe(1);
  expect(magnification(2)).toBeCloseTo(7);
});

test('the land that is served is the one that world-atlas has', () => {
  expect(readFileSync(new URL('land.js', import.meta.url), 'utf8')).toBe(drawLand());
});
