/** Shows how far a run is: a bar in a terminal, and otherwise a line now and then. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** Counts one more ride that has its outcome. */
  step(refused: number): void;
  stop(): void;
}

/** Without a terminal, every tenth of the rides prints a line, but not the last: the summary follows. Fewer rides print none. */
const many = 100;

export function showProgress(total: number, output: NodeJS.WriteStream): Progress {
  let done = 0;
  if (!output.isTTY) {
    return {
      step(refused) {
        done++;
        if (total < many || done === total) return;
        if (Math.floor((done * 10) / total) === Math.floor(((done - 1) * 10) / total)) return;
        output.write(`${done} of ${total} rides answered, ${refused} refused\n`);
      },
      stop() {},
    };
  }
  const format = '{bar} {value}/{total} rides, {refused} refused, {eta_formatted} left';
  const bar = new SingleBar(
    { format, stream: output, hideCursor: true, gracefulExit: false },
    Presets.shades_classic,
  );
  bar.start(total, 0, { refused: 0 });
  return {
    step: (refused) => bar.update(++done, { refused }),
    stop: () => bar.stop(),
  };
}
