/** Shows the progress of many replays: a bar in a terminal, and otherwise only the summary. */
import { Presets, SingleBar } from 'cli-progress';

const many = 20;

/** @returns functions to call after each replay and at the end */
export function showProgress(total: number, output: NodeJS.WriteStream) {
  if (!output.isTTY || total < many) return { step() {}, stop() {} };
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} dead letters, {eta_formatted} left', stream: output, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}
