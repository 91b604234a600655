/** The classes of a map: equal steps of shade for numbers that differ by orders of magnitude. */

/**
 * The upper bound of each class, 1, 2, 5, 10 and so on, or coarser when there would be more than six of them. Round numbers
 * stay what they are while rides arrive.
 * @param {number} most the largest number to be shown @returns {number[]}
 */
export function boundsFor(most) {
  if (most < 1) return [];
  for (const perDecade of [[1, 2, 5], [1, 3], [1]]) {
    const bounds = [];
    for (let power = 1; (bounds.at(-1) ?? 0) < most; power *= 10)
      bounds.push(...perDecade.map((n) => n * power));
    const needed = bounds.slice(0, bounds.findIndex((bound) => bound >= most) + 1);
    if (needed.length <= 6 || perDecade.length === 1) return needed;
  }
}

/** How opaque a number is drawn, from a quarter to 1. */
export function shadeOf(number, bounds) {
  const shade = bounds.findIndex((bound) => number <= bound);
  return bounds.length === 1 ? 1 : 0.25 + (0.75 * shade) / (bounds.length - 1);
}
