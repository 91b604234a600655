/** Samples as columns for the charts. Pure. */
import type { Sample } from '../../../src/protocol.ts';

/** First the times in seconds, then one row of values per series; null where there is none. */
export type Columns = (number | null)[][];

export const columns = (
  samples: Sample[],
  ...series: ((sample: Sample) => number | null | undefined)[]
): Columns => [
  samples.map(({ at }) => at / 1000),
  ...series.map((value) => samples.map((sample) => value(sample) ?? null)),
];

/** The groups that any sample knows, in a fixed order. */
export const groupsIn = (samples: Sample[]): string[] => Object.keys(samples.at(-1)?.lag ?? {});
