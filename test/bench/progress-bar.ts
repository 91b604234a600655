/** Shows the progress of the bench: a bar in a terminal, otherwise a line for each step. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  step(group: string): (what: string) => void;
  /** The elapsed part of the expected seconds. */
  done(seconds: number): void;
  log(line: string): void;
  stop(): void;
}

export function showProgress(total: number, output: NodeJS.WriteStream): Progress {
  if (!output.isTTY) {
    const log = (line: string) => void output.write(`${line}\n`);
    return { step: (group) => (what) => log(`${group}: ${what}`), done() {}, log, stop() {} };
  }
  const bar = new SingleBar(
    { format: '{bar} {percentage} %  {what}', stream: output, hideCursor: true, gracefulExit: false },
    Presets.shades_classic,
  );
  let before = 0;
  bar.start(total, 0, { what: 'starting a broker' });
  return {
    step: (group) => (what) => bar.update(before, { what: `${group}: ${what}` }),
    done(seconds) {
      before += seconds;
      bar.update(before);
    },
    log: (line) => void output.write(`\n${line}\n`),
    stop: () => bar.stop(),
  };
}
