/** A screen that is drawn again and again, and leaves the terminal as it was. */

/** What it needs of `process.stdout`. */
export interface Terminal {
  columns: number;
  rows: number;
  write(text: string): unknown;
}

const enter = '\x1b[?1049h\x1b[?25l'; // the second screen, without a cursor
const leave = '\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const restOfLine = '\x1b[K';
const restOfScreen = '\x1b[J';

export function openScreen(terminal: Terminal) {
  let last: string[] = [];
  terminal.write(enter);
  return {
    /** Cuts what does not fit. */
    draw(lines: string[]): void {
      last = lines;
      const { columns, rows } = terminal;
      const fitting = lines.slice(0, rows - 1).map((line) => line.slice(0, columns) + restOfLine);
      terminal.write(home + fitting.join('\r\n') + restOfScreen);
    },
    /** Leaves the last picture behind. */
    close(): void {
      terminal.write(`${leave}${last.join('\n')}\n`);
    },
  };
}
