import { seededRandom } from '../../../infra/book/random.ts';
import type { Random } from './lab.ts';

/** @param seed any text; the same text gives the same numbers */
export function randomOf(seed: string): Random {
  const next = seededRandom(seed);
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return { whole, pick: (values) => values[whole(0, values.length - 1)] as (typeof values)[number] };
}
