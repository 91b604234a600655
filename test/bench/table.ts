/** The results of the bench as table rows. */
import { type Compared, ratios, type Spread, spreadOf } from './compare.ts';
import type { Measured } from './throughput.ts';

export interface Row {
  figure: string;
  /** The result of rideflow. */
  ours: string;
  /** The control and its result. */
  control: string;
  theirs: string;
  /** The median of the rounds, and the lowest and highest. */
  ratio: string;
  cpuRatio: string;
  goal: string;
  /** Null if there is no goal. */
  met: boolean | null;
  /** All measurements, for the JSON file. */
  data: unknown;
}

export interface Goal {
  atLeast?: number;
  atMost?: number;
  /** The rate, unless the goal is the processor time per message. */
  of?: 'cpu';
}

/** A row of rates and processor times. */
export function compareRow(
  figure: string,
  ours: Compared<Measured> | undefined,
  control: Compared<Measured> | undefined,
  goal?: Goal,
): Row {
  if (!ours || !control) throw new Error(`${figure} was not measured`);
  const rate = spreadOf(ratios(ours, control, ({ rate }) => rate));
  const cpu = spreadOf(ratios(ours, control, ({ cpu }) => cpu));
  return {
    figure,
    ours: measured(ours),
    control: control.name,
    theirs: measured(control),
    ratio: spread(rate),
    cpuRatio: spread(cpu),
    ...judged((goal?.of === 'cpu' ? cpu : rate).median, goal),
    data: { ours, control },
  };
}

/** A row of times, for which less is better. */
export function timeRow(
  figure: string,
  ours: Compared<number> | undefined,
  control: Compared<number> | undefined,
  show: (time: number) => string,
  goal?: Goal,
): Row {
  if (!ours || !control) throw new Error(`${figure} was not measured`);
  const time = spreadOf(ratios(ours, control, (time) => time));
  return plainRow({
    figure,
    ours: show(spreadOf(ours.rounds).median),
    control: control.name,
    theirs: show(spreadOf(control.rounds).median),
    ratio: spread(time),
    ...judged(time.median, goal),
    data: { ours, control },
  });
}

/** A row without an interleaved control. */
export const plainRow = (row: Partial<Row> & Pick<Row, 'figure' | 'ours'>): Row => ({
  control: '',
  theirs: '',
  ratio: '',
  cpuRatio: '',
  goal: '',
  met: null,
  data: null,
  ...row,
});

export function judged(value: number, goal?: Goal): Pick<Row, 'goal' | 'met'> {
  if (!goal) return { goal: '', met: null };
  const { atLeast, atMost, of } = goal;
  const met = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return { goal: `${bound}${of ? ' CPU' : ''}`, met };
}

export function toMarkdown(rows: Row[]): string {
  const lines = rows.map(({ figure, ours, control, theirs, ratio, cpuRatio, goal, met }) => {
    const verdict = met === null ? goal : `${goal} ${met ? 'met' : '**not met**'}`;
    return `| ${[figure, ours, control, theirs, ratio, cpuRatio, verdict].join(' | ')} |`;
  });
  return `| figure | rideflow | beside it, in the same run | measured | ratio of the two | of CPU per message | goal |
| --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}`;
}

export const spread = ({ median, low, high }: Spread) =>
  `${number(median)} (${number(low)} to ${number(high)})`;

/** `25.1 k/s, 38 µs` */
function measured({ rounds }: Compared<Measured>): string {
  const rate = spreadOf(rounds.map(({ rate }) => rate)).median;
  const cpu = spreadOf(rounds.map(({ cpu }) => cpu)).median;
  return `${perSecond(rate)}, ${number(cpu)} µs`;
}

export const perSecond = (rate: number) =>
  rate >= 1000 ? `${number(rate / 1000)} k/s` : `${number(rate)}/s`;

/** Three digits are more than such a measurement has. */
export const number = (value: number) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
