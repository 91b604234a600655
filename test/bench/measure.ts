/** Measures one group of figures after the other until the time is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './ground.ts';
import type { Group, Plan } from './group.ts';
import { stopPrograms } from './program.ts';
import type { Progress } from './progress-bar.ts';
import { type Row, toMarkdown } from './table.ts';

export interface Figures {
  rows: Row[];
  /** Groups that were skipped because the time was over. That is not an error. */
  leftOut: Group[];
  failed: { group: Group; reason: string }[];
}

interface Order {
  groups: Group[];
  ground: Pick<Ground, 'stopServices'>;
  plan: Plan;
  /** The expected duration of a group, in seconds. */
  secondsOf: (group: Group) => number;
  /** The time limit in seconds. No group starts that would end later, and a running group is stopped then. */
  limit: number;
  progress: Progress;
}

export async function measureAll({
  groups,
  ground,
  plan,
  secondsOf,
  limit,
  progress,
}: Order): Promise<Figures> {
  const figures: Figures = { rows: [], leftOut: [], failed: [] };
  const end = performance.now() + limit * 1000;
  const left = () => (end - performance.now()) / 1000;
  for (const group of groups) {
    if (left() < secondsOf(group)) figures.leftOut.push(group);
    else await measure(group);
  }
  return figures;

  async function measure(group: Group) {
    try {
      const run = group.run(ground as Ground, plan, progress.step(group.name));
      const rows = await Promise.race([run, timeIsOver()]);
      if (rows) figures.rows.push(...rows);
      else {
        figures.leftOut.push(group);
        await stopPrograms(); // it would continue, and nothing comes after it
      }
    } catch (error) {
      progress.log(`${group.name}: ${(error as Error).stack}`);
      figures.failed.push({ group, reason: (error as Error).message });
    }
    await ground.stopServices();
    progress.done(secondsOf(group));
  }

  /** For a much slower or busy machine. */
  async function timeIsOver(): Promise<null> {
    return sleep(Math.max(0, Math.min(left() * 1000, 2 ** 31 - 1)), null, { ref: false });
  }
}

/** The table of the results, and a line for each group that is not in it. */
export function tell({ rows, leftOut, failed }: Figures): string {
  const lines = [
    ...leftOut.map(({ name, what }) => `Skipped because the time was over: ${what} (\`--only ${name}\`).`),
    ...failed.map(({ group, reason }) => `Not measured: ${group.what}: ${reason}.`),
  ];
  return [rows.length > 0 ? toMarkdown(rows) : 'Nothing was measured.', ...lines].join('\n\n');
}
