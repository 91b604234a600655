import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { freePorts } from '../../../../infra/broker/ports.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { spentOn } from '../../../../test/support/spent.ts';
import { Feeds } from './feeds.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

test('a process that comes after this one is heard before it can have handled anything', async () => {
  const [port = 0] = await freePorts(1);
  const met: string[] = [];
  const nothing = () => {};
  const feeds = new Feeds({
    onStatus: ({ process }) => void met.push(process),
    onEntries: nothing,
    onGap: nothing,
    onEnd: nothing,
    onSilent: nothing,
  });
  stops.push(() => feeds.stop());
  let asked = 0;
  const refusing = createServer((request) => {
    asked++;
    request.socket.destroy();
  }).listen(port, 'localhost');
  await once(refusing, 'listening');
  await feeds.read([{ service: 'email', url: `http://localhost:${port}` }]);
  await eventually(() => expect(asked).toBeGreaterThan(0));
  refusing.close();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: status\ndata: {"process":"rideflow-email-1"}\n\n');
  }).listen(port, 'localhost');
  stops.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await once(server, 'listening');
  expect(await spentOn(() => eventually(() => expect(met).toEqual(['rideflow-email-1'])))).toBeLessThan(1500);
});

/** Reads the feed of rideflow-email-1, which says that it is there. @returns its response, to go on */
async function readFeed(feeds: Feeds): Promise<ServerResponse> {
  const connected = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: status\ndata: {"process":"rideflow-email-1"}\n\n');
    connected.resolve(response);
  }).listen(0, 'localhost');
  stops.push(
    () => feeds.stop(),
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await once(server, 'listening');
  await feeds.read([{ service: 'email', url: `http://localhost:${(server.address() as AddressInfo).port}` }]);
  return connected.promise;
}

test('a gap of a feed is told, with how much is missing where that is known', async () => {
  const gaps: (number | null)[] = [];
  const nothing = () => {};
  const feeds = new Feeds({
    onStatus: nothing,
    onEntries: nothing,
    onGap: (process, missed) => void gaps.push(process === 'rideflow-email-1' ? missed : Number.NaN),
    onEnd: nothing,
    onSilent: nothing,
  });
  const response = await readFeed(feeds);
  response.write('event: gap\ndata: {"missed":12}\n\nevent: gap\ndata: {"missed":null}\n\n');
  await eventually(() => expect(gaps).toEqual([12, null]));
});

test('the last words of a process are heard after it was taken from the list', async () => {
  const heard: string[] = [];
  const nothing = () => {};
  const feeds = new Feeds({
    onStatus: ({ process }) => void heard.push(`status ${process}`),
    onEntries: nothing,
    onGap: nothing,
    onEnd: (process) => void heard.push(`end ${process}`),
    onSilent: (process) => void heard.push(`silent ${process}`),
  });
  const response = await readFeed(feeds);
  await eventually(() => expect(heard).toEqual(['status rideflow-email-1']));
  await feeds.read([]);
  response.end('event: end\ndata: {}\n\n');
  await eventually(() => expect(heard.slice(1)).toEqual(['end rideflow-email-1', 'silent rideflow-email-1']));
});
