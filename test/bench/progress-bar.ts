/** Shows how far the bench is: a bar in a terminal, a line per step elsewhere. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  step(group: string): (what: string) => void;
  /** So many of the expected seconds are over. */
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
