/** `npm run top`: the system in a terminal, as Kafka sees it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkbenchError } from '@rideflow/shared/dead-letters/errors.ts';
import { reasonOf } from '@rideflow/shared/kafka/client/reason.ts';
import { toolClient } from './dlq/client.ts';
import { type Look, type Observer, observe } from './top/look.ts';
import { help, type Options, readOptions } from './top/options.ts';
import { picture } from './top/picture.ts';
import { openScreen } from './top/screen.ts';

const { stdout } = process;

async function run(options: Options): Promise<void> {
  const client = toolClient('top', process.env, options.brokers);
  const brokers = client.config.KAFKA_BROKERS;
  const why = (error: unknown) =>
    `No Kafka broker answers at ${brokers.join()} (${reasonOf(error, brokers)}).`;
  const observer = observe(client);
  try {
    const first = await observer.look().catch((error) => {
      throw new WorkbenchError(
        `${why(error)}\nStart the system with \`npm start\` or \`docker compose up\`, or give its address with --brokers or KAFKA_BROKERS.`,
      );
    });
    if (options.once || !stdout.isTTY) {
      await sleep(1000); // the time that the rates are of
      const lines = picture(await observer.look(), first, `rideflow at ${brokers.join()}`);
      stdout.write(`${lines.join('\n')}\n`);
    } else await live(observer, first, options.every, brokers.join(), why);
  } finally {
    await observer.stop();
  }
}

/** Runs until Ctrl-C or SIGTERM. */
async function live(
  observer: Observer,
  first: Look,
  every: number,
  brokers: string,
  why: (error: unknown) => string,
): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const stopped = new Promise<null>((resolve) => stop.signal.addEventListener('abort', () => resolve(null)));
  const screen = openScreen(stdout);
  try {
    let before = first;
    let lines = picture(first, first, title());
    screen.draw(lines);
    const redraw = () => screen.draw(lines);
    stdout.on('resize', redraw);
    while (!stop.signal.aborted) {
      await sleep(every, null, { signal: stop.signal }).catch(() => {});
      const now = await Promise.race([stopped, observer.look()]).catch((error: Error) => error);
      if (!now) break;
      if (now instanceof Error) lines = [title(), '', why(now), '', 'It tries again.'];
      else {
        lines = picture(now, before, title());
        before = now;
      }
      redraw();
    }
  } finally {
    screen.close();
  }

  function title() {
    return `rideflow at ${brokers}, ${new Date().toLocaleTimeString('en-GB')}, every ${every / 1000} s; Ctrl-C ends it`;
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) stdout.write(help);
  else await run(options);
} catch (error) {
  if (!(error instanceof WorkbenchError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
