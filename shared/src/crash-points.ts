/**
 * Places where a process can be made to die the hard way, to see what its guarantee is worth there. Off unless armed, and
 * then deterministic: at the n-th pass, or at random by a seed.
 */

// biome-ignore format: a table is read by its columns
export const crashPoints = {
  'before-produce': 'messages are handled, nothing of it is written',
  'after-produce':  'outcomes are written, what was read is not committed (transaction: the transaction is open)',
  'after-commit':   'the offset is committed; under at-most-once nothing is handled yet',
  'after-mail':     'email: the server took the mail, the offset is not committed',
  'mid-statistics': 'analytics: results are written, the database transaction is open',
} as const;

export type CrashPoint = keyof typeof crashPoints;

/** Dies at the `after`-th pass, counted from 1; or at each pass with a chance of `percent`, by the seed. */
export type Trigger = { point: CrashPoint } & ({ after: number } | { percent: number; seed: number });

const accepted = `<point>, <point>:<n-th pass> or <point>:<percent>%:<seed>, with a point of ${Object.keys(crashPoints).join(', ')}`;

/**
 * Reads `after-mail`, `after-mail:3` or `after-mail:0.5%:42`.
 * @throws Error that says what is accepted
 */
export function parseTrigger(text: string): Trigger {
  const match = /^([a-z-]+)(?::(?:([1-9]\d{0,8})|(\d{1,3}(?:\.\d+)?)%:(\d{1,9})))?$/.exec(text);
  const [, point = '', after = '1', percent, seed] = match ?? [];
  if (!Object.hasOwn(crashPoints, point)) throw new Error(`must be ${accepted}`);
  if (percent === undefined) return { point: point as CrashPoint, after: Number(after) };
  return { point: point as CrashPoint, percent: Number(percent), seed: Number(seed) };
}

let armed: CrashPoint | null = null;
let due: () => boolean = () => false;
let signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL';
let die = (): void => {
  process.kill(process.pid, signal);
};

/** What an armed point does from now on: kills the process, or freezes it as a long pause of the machine would. */
export function crashWith(chosen: 'SIGKILL' | 'SIGSTOP'): void {
  signal = chosen;
}

/** Arms one point, or none. @param kill what dying is; only tests give another one */
export function arm(trigger: Trigger | null, kill: () => void = die): void {
  armed = trigger?.point ?? null;
  die = kill;
  if (!trigger) return;
  if ('after' in trigger) {
    let left = trigger.after;
    due = () => --left === 0;
  } else {
    const random = generator(trigger.seed);
    due = () => random() * 100 < trigger.percent;
  }
}

/** Called wherever a crash can be asked for. Costs one comparison while nothing is armed. */
export function crashPoint(point: CrashPoint): void {
  if (armed === point && due()) die();
}

/** Mulberry32: the same seed gives the same numbers, from 0 up to 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
