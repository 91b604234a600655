/** Interleaved comparison: each round measures every side once, so other load on the machine affects all sides equally. */
export interface Side<T> {
  name: string;
  measure(): Promise<T>;
}

export interface Compared<T> {
  name: string;
  rounds: T[];
}

/** Every other round reverses the order. */
export async function interleave<T>(
  sides: Side<T>[],
  rounds: number,
  step: (what: string) => void,
): Promise<Compared<T>[]> {
  const compared = sides.map(({ name }) => ({ name, rounds: [] as T[] }));
  for (let round = 0; round < rounds; round++) {
    const order = sides.map((_, i) => (round % 2 === 0 ? i : sides.length - 1 - i));
    for (const i of order) {
      const side = sides[i] as Side<T>;
      step(`${side.name}, ${round + 1} of ${rounds}`);
      compared[i]?.rounds.push(await side.measure());
    }
  }
  return compared;
}

export interface Spread {
  median: number;
  low: number;
  high: number;
}

export function spreadOf(numbers: number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (i: number) => sorted[Math.min(i, sorted.length - 1)] as number;
  const median = sorted.length % 2 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { median, low: at(0), high: at(sorted.length - 1) };
}

/** For each round, a figure of one side divided by that of another. */
export const ratios = <T>(ours: Compared<T>, control: Compared<T>, figure: (round: T) => number): number[] =>
  ours.rounds.map((round, i) => figure(round) / figure(control.rounds[i] as T));
