/**
 * Converts places to points on the map and back. The projection is equirectangular (plate carrée) in degrees: x is the
 * longitude, y is minus the latitude, so the conversion is lossless.
 *
 * @typedef {{ lat: number, long: number }} Place degrees, north and east positive
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ x: number, y: number, width: number, height: number }} View the visible part of the map
 */

/** The directions of the arrow keys: steps to the east and to the north. */
export const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @type {View} */
export const world = { x: -180, y: -90, width: 360, height: 180 };

const between = (least, value, most) => Math.min(Math.max(value, least), most);

/** The same meridian within -180 (included) and 180. @param {number} long */
export const wrap = (long) =>
  long >= -180 && long < 180 ? long : ((((long + 180) % 360) + 360) % 360) - 180; // a sum would round the last digits

/** @param {Place} place @returns {Point} */
export const toPoint = ({ lat, long }) => ({ x: long, y: -lat });

/**
 * East of the right edge is the left edge; the upper and the lower edge are the poles. @param {Point} point @returns {Place}
 */
export const toPlace = ({ x, y }) => ({ lat: between(-90, 0 - y, 90), long: wrap(x) });

/** Each zoom step shows a seventh of the previous area, like one resolution of H3. */
export const magnification = (step) => Math.sqrt(7) ** step;

/**
 * The view at a zoom step. The place is in its middle, or closer to an edge at the end of the world.
 * @param {number} step 0 is the whole world @param {Place} centre @returns {View}
 */
export function viewAround(step, centre) {
  const width = world.width / magnification(step);
  const height = world.height / magnification(step);
  const { x, y } = toPoint(centre);
  return {
    x: between(world.x, x - width / 2, world.x + world.width - width),
    y: between(world.y, y - height / 2, world.y + world.height - height),
    width,
    height,
  };
}

/** @param {View} view @param {Place} place */
export function isIn(view, place) {
  const { x, y } = toPoint(place);
  return x >= view.x && x <= view.x + view.width && y >= view.y && y <= view.y + view.height;
}
