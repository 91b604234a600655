/** Times of steps. Pure. */

/** Milliseconds from the first known time to each step; null where its time is not known. */
export function elapsed(steps: { at: number | null }[]): (number | null)[] {
  const first = steps.find(({ at }) => at !== null)?.at ?? null;
  return steps.map(({ at }) => (at === null || first === null ? null : at - first));
}
