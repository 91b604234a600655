/** `npm run book`: sends rides to the rides service, from a file or at random. */
import { randomUUID } from 'node:crypto';
import { given } from '@rideflow/shared/config.ts';
import type { RideRequest } from '@rideflow/shared/messages.ts';
import { ridesFromFile } from './book/file.ts';
import { help, type Options, readOptions } from './book/options.ts';
import { showProgress } from './book/progress.ts';
import { randomRide, seededRandom } from './book/random.ts';
import { run } from './book/run.ts';
import { checkReachable } from './book/send.ts';
import { Summary } from './book/summary.ts';

/** @returns the exit code */
async function book(options: Options): Promise<number> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  process.once('SIGTERM', () => interrupt.abort());
  const { signal } = interrupt;

  const [count, rides] = await ridesOf(options);
  await checkReachable(options.url, signal);
  const summary = new Summary();
  const progress = showProgress(count, process.stdout);
  const start = performance.now();
  await run(rides, {
    ...options,
    token: given(process.env, 'API_TOKEN'),
    signal,
    runId: randomUUID(),
    onOutcome(outcome) {
      summary.add(outcome);
      progress.step(summary.refused);
    },
  });
  progress.stop();
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(`${signal.aborted ? 'Stopped: ' : ''}${summary.text(count, seconds)}\n`);
  return summary.accepted === count ? 0 : 1;
}

async function ridesOf({ source, seed }: Options): Promise<[number, Iterable<RideRequest>]> {
  if ('file' in source) {
    const rides = await ridesFromFile(source.file);
    return [rides.length, rides];
  }
  return [source.random, randomRides(source.random, seed)];
}

function* randomRides(count: number, seed: string) {
  const random = seededRandom(seed);
  for (let i = 0; i < count; i++) yield randomRide(random);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else process.exitCode = await book(options);
} catch (error) {
  const { name, message } = error as Error;
  if (name !== 'BadInput' && name !== 'AbortError') throw error;
  process.stderr.write(`${name === 'AbortError' ? 'Stopped. Nothing was sent.' : message}\n`);
  process.exitCode = 1;
}
