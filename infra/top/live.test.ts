/** `npm run top` against a real broker, without and with a terminal. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { useBroker } from '../../test/support/broker.ts';
import { eventually } from '../../test/support/eventually.ts';
import { aRide, toPartition } from '../../test/support/rides.ts';

const broker = useBroker();
const script = join(import.meta.dirname, '../top.ts');
/** That of util-linux gives a program a terminal. */
const withTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');
if (!withTerminal) console.log('Skipped: npm run top in a terminal. There is no script of util-linux.');

test('without a terminal it prints once what Kafka has, with the dead letters', async () => {
  await broker.log.write('ride_details', toPartition(1, aRide()), toPartition(1, aRide()));
  await broker.log.write('ride_confirmed.email.dlq', toPartition(0, 'poison'));
  const [status, output] = await run(process.execPath, [script, '--brokers', broker.brokers.join()]).ended;
  expect([status, output]).toEqual([0, expect.stringMatching(/^ride_details +3 +\d+ +0\.0$/m)]);
  expect(output).toMatch(/^transaction +0 +\d+ .*no group! +1: \d+$/m);
  expect(output).toMatch(/^email +1 +0$/m);
});

test('without a broker it says so, and what to do', async () => {
  const [status, output] = await run(process.execPath, [script, '--brokers', '127.0.0.1:1']).ended;
  expect([status, output]).toEqual([
    1,
    expect.stringMatching(/^No Kafka broker answers at 127.0.0.1:1 .*\nStart/),
  ]);
});

(withTerminal ? test : test.skip)(
  'in a terminal it is drawn again and again, until Ctrl-C leaves the last picture and the terminal as it was',
  async () => {
    const command = `stty cols 80 rows 24; exec ${process.execPath} ${script} --every 1 --brokers ${broker.brokers.join()}`;
    const top = run('script', ['-qefc', command, '/dev/null']);
    await eventually(() => expect(top.output().split('\x1b[H').length).toBeGreaterThan(2));
    top.write('\x03');
    const [status, output] = await top.ended;
    const [, last] = output.split('\x1b[?25h\x1b[?1049l');
    expect([status, last]).toEqual([0, expect.stringMatching(/^rideflow at .*\r\n\r\ntopic .*too\.\r\n$/s)]);
  },
);

function run(command: string, args: string[]) {
  const child = spawn(command, args, { env: { PATH: process.env.PATH }, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  return {
    output: () => output,
    write: (text: string) => void child.stdin.write(text),
    ended: once(child, 'close').then(([status]) => [status, output] as [number, string]),
  };
}
