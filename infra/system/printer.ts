/** The terminal output of `npm start`. The complete logs of the services go to files. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { commandsFor } from './commands.ts';
import type { Addresses, Step } from './sample-ride.ts';

const warning = 40;
const information = 30;
const labelWidth = 14;

export function createPrinter(logFolder: string) {
  const files = new Map<string, WriteStream>();
  const animated = process.stdout.isTTY;
  let follow = false;
  let busy = '';

  function write(line: string) {
    if (animated && busy) process.stdout.write('\r\x1b[2K');
    console.log(line);
    if (animated && busy) process.stdout.write(busy);
  }
  const label = (text: string) => text.padEnd(labelWidth);
  const dim = (text: string) => styleText('dim', text);

  return {
    /** Runs a long step. Shows what it is doing, and then how long it took. */
    async step<T>(
      name: string,
      run: (progress: (line: string) => void) => Promise<{ value: T; detail: string }>,
    ): Promise<T> {
      const start = Date.now();
      const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
      let doing = 'starting';
      const draw = () => {
        busy = `  … ${label(name)}${doing} ${dim(seconds())}`;
        process.stdout.write(`\r\x1b[2K${busy}`);
      };
      const timer = animated ? setInterval(draw, 200) : undefined;
      const end = () => {
        clearInterval(timer);
        if (animated) process.stdout.write('\r\x1b[2K');
        busy = '';
      };
      try {
        const { value, detail } = await run((line) => {
          doing = line;
          if (!animated) write(`    ${label(name)}${line}`);
        });
        end();
        write(`  ${styleText('green', '✓')} ${label(name)}${detail} ${dim(seconds())}`);
        return value;
      } catch (error) {
        end();
        throw error;
      }
    },
    heading: (text: string) => write(`\n${styleText('bold', text)}`),
    failed: (text: string) => write(`  ${styleText('red', '✗')} ${text}`),
    rideStep: ({ at, what, detail }: Step) =>
      write(`  ${`${Math.round(at)} ms`.padStart(8)}  ${label(what)}${detail}`),
    /** Prints a note, for example about an action on the flow page. */
    note: (text: string) => write(`  ${styleText('yellow', '·')} ${text}`),
    event({ name, what, detail }: { name: string; what: 'ready' | 'ended' | 'again'; detail: string }) {
      if (what === 'ready') write(`  ${styleText('green', '✓')} ${label(name)}${detail}`);
      if (what === 'ended')
        write(`  ${styleText('red', '✗')} ${label(name)}ended (${detail}) and will be restarted`);
      if (what === 'again') write(`  … ${label(name)}restarting`);
    },
    /** Writes one line of a service's log to its file. Also prints it if it is a warning, or if logs are followed. */
    line(name: string, line: string) {
      let file = files.get(name);
      if (!file) {
        file = createWriteStream(join(logFolder, `${name}.log`), { flags: 'a' });
        files.set(name, file);
      }
      file.write(`${line}\n`);
      const entry = parse(line);
      if (entry.level >= (follow ? information : warning))
        write(`  ${colour(entry.level, label(name))}${entry.text}`);
    },
    /** From now on prints every line at level `info` and above. */
    followLogs() {
      follow = true;
    },
    /** Says where the class watches; the lines of the QR code last. */
    shared(lines: string[]) {
      const [where = '', ...rest] = lines;
      write(styleText('bold', where));
      for (const line of rest)
        write(/^[ █▀▄]+$/.test(line) ? styleText(['whiteBright', 'bgBlack'], line) : `  ${line}`);
      write('');
    },
    addresses(brokers: string[], { rides, mailbox, analytics, flow }: Addresses & { flow: string }) {
      const mails = mailbox ? `\n  ${label('mailbox')}${mailbox}   the mails` : '';
      const commands = commandsFor({ brokers, rides, mailbox, analytics }).map((line) => `\n     ${line}`);
      write(`
${styleText('bold', `See it happen: ${flow}`)}

${styleText('bold', 'Running.')} Ctrl-C stops everything.
  ${label('rides')}${rides}   book a ride here${mails}
  ${label('statistics')}${analytics}   counts, averages, forecast
  ${label('Kafka')}${brokers.join(', ')}
  ${label('logs')}${logFolder}

Try: curl -X POST ${rides.replace('http://', '')}/rides -H 'content-type: application/json' -d '{"customer_id":"user_1","location":{"lat":12.97,"long":77.59}}'${commands.join('')}
`);
    },
  };
}

function parse(line: string): { level: number; text: string } {
  try {
    const { level, msg, time, service, pid, kafkajs, err, ...rest } = JSON.parse(line);
    const details = Object.entries(rest).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return { level, text: [msg, ...details, ...(err ? [err.message] : [])].join('  ') };
  } catch {
    return { level: warning, text: line };
  }
}

function colour(level: number, text: string): string {
  return styleText(level > warning ? 'red' : level === warning ? 'yellow' : 'cyan', text);
}
