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
  const observer = observe(client);
  const look = () =>
    observer.look().catch((error) => {
      throw new WorkbenchError(
        `No Kafka broker answers at ${brokers.join()} (${reasonOf(error, brokers)}).\n` +
          'Start the system with `npm start` or `docker compose up`, or give its address with --brokers or KAFKA_BROKERS.',
      );
    });
  try {
    const first = await look();
    if (!options.once && stdout.isTTY) return await live(observer, first, options.every, brokers);
    await sleep(1000); // the time that the rates are of
    stdout.write(`${picture(await look(), first, `rideflow at ${brokers.join()}`).join('\n')}\n`);
  } finally {
    await observer.stop();
  }
}

/** Ctrl-C and SIGTERM end the process at once: nothing is written, so there is nothing to wait for. */
async function live(observer: Observer, first: Look, every: number, brokers: string[]): Promise<never> {
  const screen = openScreen(stdout);
  const end = () => {
    screen.close();
    process.exit(0);
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  const title = () =>
    `rideflow at ${brokers.join()}, ${new Date().toLocaleTimeString('en-GB')}, every ${every / 1000} s; Ctrl-C ends it`;
  let before = first;
  let lines = picture(first, first, title());
  const draw = () => screen.draw(lines);
  stdout.on('resize', draw);
  for (;;) {
    draw();
    await sleep(every);
    try {
      const now = await observer.look();
      lines = picture(now, before, title());
      before = now;
    } catch (error) {
      lines = [title(), '', 'Kafka does not answer; trying again:', reasonOf(error, brokers)];
    }
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
