import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import express from 'express';
import { eventually } from '../../test/support/eventually.ts';
import { type Listener, listenTo } from '../../test/support/listener.ts';
import { Feed, type FeedEntry, type FeedStatus, instant } from './feed.ts';

let status: Omit<FeedStatus, 'process' | 'partitions'>;
let feed: Feed;
let url: string;
/** The server's side of the connections. */
let accepted: Socket[];
const stops: (() => unknown)[] = [];
beforeEach(async () => {
  status = {
    service: 'email',
    pid: 1,
    startedAt: 0,
    guarantee: 'at-least-once',
    topic: 'ride_confirmed',
    pace: { delay: 0, paused: false, step: false },
    held: [],
    crashPoint: null,
    ready: [],
  };
  feed = new Feed('rideflow-email-4f2a9c', () => status);
  const app = express().get('/feed', (request, response) => feed.serve(request, response));
  const server = app.listen(0, '127.0.0.1');
  accepted = [];
  server.on('connection', (socket: Socket) => accepted.push(socket));
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
  stops.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
});
afterEach(async () => {
  jest.useRealTimers();
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function listen(lastEventId?: string): Promise<Listener> {
  const listener = await listenTo(url, lastEventId);
  stops.push(() => listener.close());
  await listener.first('status');
  return listener;
}
let told = 0;
function tell(count: number) {
  for (let i = 0; i < count; i++) {
    const offset = String(told++);
    feed.tell({
      what: 'done',
      topic: 'ride_confirmed',
      partition: 0,
      offset,
      ride: null,
      attempt: 1,
      at: instant(),
    });
  }
}
const offsets = (...listeners: Listener[]) =>
  listeners.flatMap((listener) => listener.all('entries').map(({ offset }: FeedEntry) => Number(offset)));
/** The numbers from one to before another. */
const from = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i);

test('a client gets the status first, and then the later entries in order', async () => {
  const start = told;
  tell(3);
  const listener = await listen();
  tell(600);
  await eventually(() => expect(offsets(listener)).toEqual(from(start + 3, start + 603)));
  expect(listener.events[0]).toMatchObject({
    event: 'status',
    data: { ...status, process: 'rideflow-email-4f2a9c', partitions: [] },
  });
  expect(listener.all('gap')).toEqual([]);
});

test('a client that reconnects gets the missed entries once', async () => {
  const start = told;
  const first = await listen();
  const stays = await listen();
  tell(10);
  await eventually(() => expect(offsets(first)).toHaveLength(10));
  await first.close();
  tell(10);
  const again = await listen(first.lastId());
  tell(10);
  await eventually(() => expect(offsets(first, again)).toEqual(from(start, start + 30)));
  await eventually(() => expect(offsets(stays)).toEqual(from(start, start + 30)));
  expect(again.all('gap')).toEqual([]);
});

test('entries are kept during a short absence of every client', async () => {
  const start = told;
  const first = await listen();
  await first.close();
  await eventually(() => expect(feed.listeners).toBe(0));
  tell(5);
  const again = await listen(first.lastId());
  await eventually(() => expect(offsets(again)).toEqual(from(start, start + 5)));
});

test('a client whose last id is no longer known gets the gap first', async () => {
  const first = await listen();
  const stays = await listen();
  const id = first.lastId();
  await first.close();
  tell(5000); // more than is kept
  const tooLate = await listen(id);
  expect(tooLate.events.map(({ event }) => event)).toEqual(['gap', 'status']);
  expect(tooLate.events[0]?.data).toEqual({ missed: null });
  const fromAnother = await listen('rideflow-email-aaaaaa.3');
  expect(fromAnother.events[0]?.event).toBe('gap');
  const nonsense = await listen('3');
  expect(nonsense.events[0]?.event).toBe('gap');
  tell(1);
  for (const listener of [tooLate, fromAnother, nonsense, stays])
    await eventually(() => expect(offsets(listener).at(-1)).toBe(told - 1));
});

test('without clients no entries are kept, and a client that returns later gets the gap', async () => {
  tell(3);
  expect(feed.heard).toBe(false);
  const first = await listen();
  tell(1);
  await eventually(() => expect(offsets(first)).toHaveLength(1));
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  await first.close();
  while (feed.listeners > 0) await new Promise(setImmediate);
  expect(feed.heard).toBe(true);
  jest.advanceTimersByTime(10_000);
  expect(feed.heard).toBe(false);
  jest.useRealTimers();
  tell(1);
  const again = await listen(first.lastId());
  expect(again.events.map(({ event }) => event)).toEqual(['gap', 'status']);
  tell(1);
  await eventually(() => expect(offsets(again)).toEqual([told - 1]));
});

test('a client that does not read needs no memory, and gets the number of missed entries later', async () => {
  const { port, hostname } = new URL(url);
  const slow = connect(Number(port), hostname).pause();
  stops.push(() => slow.destroy());
  slow.write('GET /feed HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await eventually(() => expect(feed.listeners).toBe(1));
  const [behind] = accepted;
  const before = told;
  const stays = await listen();
  // Far more than the buffers of both sides take.
  while (told < before + 100_000) {
    tell(4000);
    await eventually(() => expect(stays.events.at(-1)?.data.at(-1)?.offset).toBe(String(told - 1)));
  }
  expect(behind?.writableLength).toBeLessThan(200_000);
  let text = '';
  slow.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  slow.resume();
  await eventually(() => {
    expect(text).toMatch(/event: gap\ndata: \{"missed":\d+\}/);
    expect(text).toContain(`"offset":"${told - 1}"`);
  });
  const missed = [...text.matchAll(/"missed":(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  expect(text.match(/"offset"/g)).toHaveLength(100_000 - missed);
});

test('a status is sent again only when it changes', async () => {
  const listener = await listen();
  feed.changed();
  status = { ...status, crashPoint: 'after-mail' };
  feed.changed();
  feed.owns({}, [2, 0]);
  status = { ...status, ready: ['Kafka does not answer'] }; // seen at the next look
  await eventually(() => expect(listener.all('status')).toHaveLength(4));
  expect(
    listener.all('status').map(({ crashPoint, partitions, ready }) => [crashPoint, partitions, ready]),
  ).toEqual([
    [null, [], []],
    ['after-mail', [], []],
    ['after-mail', [0, 2], []],
    ['after-mail', [0, 2], ['Kafka does not answer']],
  ]);
});

test('at its stop a process sends the remaining entries and ends the streams', async () => {
  const listener = await listen();
  tell(3);
  status = { ...status, ready: ['stopping'] };
  feed.stop();
  await listener.ended;
  expect(offsets(listener)).toHaveLength(3);
  expect(listener.all('status').at(-1).ready).toEqual(['stopping']);
});

test('there are at most 16 clients', async () => {
  for (let i = 0; i < 16; i++) await listen();
  await expect(listen()).rejects.toThrow('503');
});
