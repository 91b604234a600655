/**
 * Named places where a process can crash, to test its guarantee. Off by default. When armed, they are deterministic: they
 * crash on the n-th message, or at random with a seed.
 */

// biome-ignore format: a table reads best with aligned columns
export const crashPoints = {
  'before-produce': 'messages are handled, nothing is written',
  'after-produce':  'outcomes are written, the offset is not committed (transaction: the transaction is open)',
  'after-commit':   'the offset is committed; under at-most-once nothing is handled yet',
  'after-mail':     'email: the server accepted the mail, the offset is not committed',
  'mid-statistics': 'analytics: results are written, the database transaction is open',
} as const;

export type CrashPoint = keyof typeof crashPoints;

/** Crashes on the `after`-th message, counted from 1; or on each message with a probability of `percent`, by the seed. */
export type Trigger = { point: CrashPoint } & ({ after: number } | { percent: number; seed: number });

const accepted = `<point>, <point>:<n-th message> or <point>:<percent>%:<seed>, where <point> is one of ${Object.keys(crashPoints).join(', ')}`;

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

/** Sets what an armed point does: it kills the process, or freezes it like a long pause of the machine. */
export function crashWith(chosen: 'SIGKILL' | 'SIGSTOP'): void {
  signal = chosen;
}

/** Arms one point, or none. @param kill how to crash; only tests change it */
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

/** Called at every crash point. Costs one comparison while nothing is armed. */
export function crashPoint(point: CrashPoint): void {
  if (armed === point && due()) die();
}

/** Mulberry32: the same seed gives the same numbers, from 0 (inclusive) to 1 (exclusive). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
