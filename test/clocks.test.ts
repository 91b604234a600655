/** Services on a machine whose clock is hours ahead of that of Kafka, which then refuses each of their messages. */
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { ServiceName } from '@rideflow/shared/topology.ts';
import { useBroker } from './support/broker.ts';
import { type Child, startChild } from './support/child.ts';
import { eventually } from './support/eventually.ts';
import { aRide, toPartition } from './support/rides.ts';

const it = useBroker();
const children: Child[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
});

/** A process that takes the time to be so much later. */
function start(name: ServiceName, hours: number): Child {
  const shifted = `const now = Date.now; Date.now = () => now() + ${hours * 3_600_000}`;
  const child = startChild(join(import.meta.dirname, `../services/${name}/src/main.ts`), {
    KAFKA_BROKERS: it.brokers.join(),
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shifted)}`,
  });
  children.push(child);
  return child;
}

const bothClocks =
  /the clock of this machine shows 20\S+Z, and the clock of Kafka shows 20\S+Z\. This machine is (2 h|1 h 59 min) .*ahead, and Kafka accepts at most 1 h ahead/;
/** The lines of a log that name both clocks. */
const saying = ({ lines }: Child) => lines.filter((line) => bothClocks.test(JSON.stringify(line)));

test('rides answers 503, and names both clocks and by how much they differ, in its answer and in its log', async () => {
  const rides = start('rides', 2);
  await rides.sent({ ready: 'rides' });
  const url = `http://127.0.0.1:${(await rides.logged('listening')).port}`;
  const book = async () => {
    const response = await fetch(`${url}/rides`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ customer_id: 'user_1', location: { lat: 12.97, long: 77.59 } }),
    });
    return { status: response.status, detail: ((await response.json()) as { detail: string }).detail };
  };
  expect(await book()).toEqual({
    status: 503,
    detail: expect.stringMatching(new RegExp(`${bothClocks.source}.*The ride may still be booked`)),
  });
  // The next ones are not even tried.
  expect(await book()).toEqual({
    status: 503,
    detail: expect.stringMatching(new RegExp(`^The ride was not booked: .*${bothClocks.source}`)),
  });
  expect(await (await fetch(`${url}/readyz`)).text()).toMatch(bothClocks);
  await eventually(() => expect(saying(rides)).not.toEqual([]));
});

test('transaction says the same in its log, and waits', async () => {
  await it.log.write('ride_details', toPartition(0, aRide()));
  const transaction = start('transaction', 2);
  await eventually(() => expect(saying(transaction)).not.toEqual([]));
  expect(it.log.on('ride_confirmed')).toEqual([]);
  expect(it.log.on('ride_details.transaction.dlq')).toEqual([]);
});
