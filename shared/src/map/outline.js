import { toPoint, world, wrap } from './projection.js';

/**
 * The outline of an area of the globe as an SVG path. An area across the antimeridian appears at both edges of the map, and an
 * area around a pole reaches the pole.
 * @param {[number, number][]} corners latitude and longitude in degrees, in order, neighbours less than half the globe apart
 */
export function outline(corners) {
  const [first] = corners;
  const points = [];
  let long = first[1];
  for (const [i, [lat, next]] of [...corners, first].entries()) {
    if (i > 0) long += wrap(next - corners[i - 1][1]);
    points.push(toPoint({ lat, long }));
  }
  const start = points[0];
  const end = points.at(-1);
  const around = Math.round((end.x - start.x) / world.width);
  if (around !== 0) {
    const y = start.y < 0 ? world.y : world.y + world.height;
    points.push({ x: end.x, y }, { x: start.x, y });
  }
  const xs = points.map(({ x }) => x);
  return [-world.width, 0, world.width]
    .filter((by) => Math.max(...xs) + by > world.x && Math.min(...xs) + by < world.x + world.width)
    .map((by) => `M${points.map(({ x, y }) => `${Number((x + by).toFixed(5))},${y}`).join('L')}Z`)
    .join('');
}
