/** Customers who keep their connections lose no ride when a process of rides is stopped behind a load balancer. */
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { useBroker } from './support/broker.ts';
import { type Child, startChild } from './support/child.ts';
import { eventually } from './support/eventually.ts';

const it = useBroker();
let rides: Child | undefined;
afterEach(() => rides?.kill());

interface Answer {
  status: number | undefined;
  /** The server closes the connection after it. */
  last: boolean;
  id: string;
}

const book = (port: number, customer: string, agent: Agent) =>
  new Promise<Answer>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    request({ port, path: '/rides', method: 'POST', agent, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.once('end', () => {
        const last = response.headers.connection === 'close';
        resolve({ status: response.statusCode, last, id: JSON.parse(body).ride?.id });
      });
    })
      .once('error', reject)
      .end(JSON.stringify({ customer_id: customer, location: { lat: 12.97, long: 77.59 } }));
  });

test('forty customers book without a pause while rides is stopped: each request is a 202 and a ride, and then its connection is closed', async () => {
  rides = startChild(join(import.meta.dirname, '../services/rides/src/main.ts'), {
    KAFKA_BROKERS: it.brokers.join(),
    DRAIN_SECONDS: '60',
  });
  await rides.sent({ ready: 'rides' });
  const port = Number((await rides.logged('listening')).port);
  const agent = new Agent({ keepAlive: true });
  const answers: Answer[] = [];
  const customers = Array.from({ length: 40 }, async (_, n) => {
    for (let last = false; !last; ) {
      const answer = await book(port, `user_${n}`, agent);
      answers.push(answer);
      last = answer.last;
    }
  });
  await eventually(() => expect(answers.length).toBeGreaterThan(400));
  rides.process.kill('SIGTERM');
  await Promise.all(customers);
  expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
  await eventually(() => {
    const stored = new Set(it.log.on('ride_details').map(({ value }) => value?.id));
    expect(answers.filter(({ id }) => !stored.has(id))).toEqual([]);
  });
});
