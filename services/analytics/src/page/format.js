/** How figures are written on this page. */

/** @param {number} time milliseconds since 1970 */
export const clock = (time) =>
  new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
export const count = (value) => value.toLocaleString('en');
export const rides = (value) => `${count(value)} ${value === 1 ? 'ride' : 'rides'}`;
/** One decimal, or a dash where there is no value. */
export const decimal = (value) => (value === null ? '–' : value.toFixed(1));
/** @param {number | null} share 0 to 1 */
export const percent = (share) => (share === null ? '–' : `${(share * 100).toFixed(1)}%`);
/** @param {{ lat: number, long: number }} place */
export const coordinates = ({ lat, long }) => `${lat.toFixed(2)}, ${long.toFixed(2)}`;
