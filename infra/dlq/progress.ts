/** Shows the progress of many replays: a bar in a terminal, and otherwise only the summary. */

const many = 20;

/** @returns functions to call after each replay and at the end */
export async function showProgress(total: number, output: NodeJS.WriteStream) {
  if (!output.isTTY || total < many) return { step() {}, stop() {} };
  const { Presets, SingleBar } = await import('cli-progress'); // not in the image of the services
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} dead letters, {eta_formatted} left', stream: output, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}
