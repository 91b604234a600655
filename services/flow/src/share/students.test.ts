import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pino from 'pino';
import { freePorts } from '../../../../infra/broker/ports.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Listener, listenTo } from '../../../../test/support/listener.ts';
import { testService } from '../../../../test/support/service.ts';
import { Archive } from '../archive.ts';
import { Journal } from '../journal.ts';
import { record } from '../observe/fixtures.ts';
import { glance } from '../observe/glance.ts';
import { Observer } from '../observe/observer.ts';
import { openForStudents } from './students.ts';

const service = testService('flow', ['localhost:1']);
const observer = new Observer(service, { history: 1, recent: 100, mailbox: 'http://localhost:1' });
const journal = new Journal(observer);
const archive = new Archive(() => Promise.reject(new Error('no Kafka')));
let address: URL;
let close = () => {};
const streams: Listener[] = [];

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  address = new URL(`http://127.0.0.1:${port}`);
  close = await openForStudents(address, { observer, journal, archive }, pino({ level: 'silent' }));
  const value = record(0, { id: 'ride-1', customer_id: 'user_1' });
  observer.recent.add(glance('ride_details', 0, value), value);
  const mailed = { id: 'ride-1', customer_id: 'user_1', status: 'confirmed' };
  const decided = record(0, mailed, { headers: { ce_cause: 'ride_details/0/0' } });
  observer.recent.add(glance('ride_confirmed', 0, decided), decided);
  const told = { topic: 'ride_confirmed', partition: 0, offset: 0, attempt: 1, at: 1, what: 'done' } as never;
  observer.recent.tell(told, 'email', 'email');
});
afterAll(async () => {
  await Promise.all(streams.map((stream) => stream.close()));
  close();
  journal.stop();
});

interface Answer {
  status: number;
  text: string;
}
/** With any Host, which `fetch` does not allow. The same second is the same allowance, so a busy one is asked again. */
async function ask(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  for (;;) {
    const answer = await once(path, method, headers);
    if (answer.status !== 429) return answer;
  }
}
const once = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const { hostname, port } = address;
    request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end(method === 'POST' || method === 'PUT' ? '{}' : undefined);
  });

test('the page, its stream and a ride are there, without the address of another process', async () => {
  const pages = await Promise.all(
    ['/', '/rides/ride-1', '/api/rides/ride-1', '/api/messages/ride_details/0/0'].map((path) => ask(path)),
  );
  expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  for (const { text } of pages) expect(text).not.toMatch(/localhost|127\.0\.0\.1|https?:|mailbox/);
  expect(pages[0]?.text).toContain('<meta name="watches" content="true">');
  expect(JSON.parse(pages[2]?.text ?? '').steps.map(({ name }: { name: string }) => name)).toContain(
    'mailed',
  );
  const stream = await listenTo(`${address.origin}/events`);
  streams.push(stream);
  const { data } = await stream.first('snapshot');
  expect(JSON.stringify(data)).not.toMatch(/localhost|127\.0\.0\.1|https?:/);
});

test('no control is there, whatever the method; the same for dead letters, the mailbox and operations', async () => {
  const text = readFileSync(new URL('../protocol.ts', import.meta.url), 'utf8');
  const controls = [...text.matchAll(/^ \* {3}(POST|PUT) +(\/api\/controls\S*)/gm)].map(([, , path = '']) =>
    path.replace(/\{\w+\}|\?.*/g, 'transaction'),
  );
  expect(controls.length).toBeGreaterThan(9);
  const others = [
    '/api/controls',
    '/api/dead-letters',
    '/api/dead-letters/a/0/0',
    '/api/share',
    '/mailbox',
    '/feed',
    '/metrics',
    '/readyz',
    '/healthz',
    '/pace',
    '/step',
    '/crash-point',
  ];
  const json = { 'content-type': 'application/json' };
  for (const path of [...controls, ...others]) {
    expect([path, (await ask(path)).status]).toEqual([path, 404]);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect([method, path, (await ask(path, method, json)).status]).toEqual([method, path, 405]);
  }
});

test('another name for this address, and a page of another site, get nothing', async () => {
  for (const host of ['evil.example', 'localhost', `localhost:${address.port}`])
    expect([host, (await ask('/', 'GET', { host })).status]).toEqual([host, 421]);
  for (const origin of ['http://evil.example', 'null', 'http://localhost:4004'])
    expect([origin, (await ask('/api/rides/ride-1', 'GET', { origin })).status]).toEqual([origin, 403]);
  expect((await ask('/events', 'GET', { host: 'evil.example' })).text).toContain(
    `This page is at ${address.origin} alone.`,
  );
});

test('thirty students share the stream; nobody has it more than ten times, and nobody asks without end', async () => {
  while (journal.students < 10) streams.push(await listenTo(`${address.origin}/events`));
  const { status, text } = await ask('/events');
  expect([status, text]).toEqual([503, expect.stringContaining('from your computer')]);
  // More than a second allows: a slow machine may need more than a second for them.
  await eventually(async () => {
    const many = await Promise.all(Array.from({ length: 130 }, () => once('/api/rides/ride-1')));
    expect(many.some(({ status }) => status === 429)).toBe(true);
  });
  for (const stream of streams) {
    await stream.first('snapshot');
    expect(stream.all('snapshot')).toHaveLength(1);
  }
});
