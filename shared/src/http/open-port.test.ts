import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { type OpenPort, openPort } from './open-port.ts';

const host = '127.0.0.1';
const opened: OpenPort[] = [];
const sockets: Socket[] = [];
const open = async (answer: Parameters<typeof openPort>[0] = () => {}, port = 0): Promise<OpenPort> => {
  const it = await openPort(answer, { host, port, crowd: true });
  opened.push(it);
  return it;
};
const customer = (port: number) => {
  const socket = connect({ host, port }).on('error', () => {});
  sockets.push(socket);
  return socket;
};
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const it of opened.splice(0))
    await it.close(
      () => false,
      () => 0,
    );
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a crowd of 200 new customers is accepted within a few turns of the event loop', async () => {
  const { port, server } = await open();
  let accepted = 0;
  server.on('connection', () => accepted++);
  for (let i = 0; i < 200; i++) customer(port);
  let turns = 0;
  for (; accepted < 200; turns++) await turn();
  expect(turns).toBeLessThan(50);
});

test('a port that another process shares with a crowd of its own is in use', async () => {
  const { port } = await open();
  await expect(open(() => {}, port)).rejects.toThrow(
    `port ${port} on ${host} is already in use. Set PORT to another port`,
  );
});

test('at the close, requests in progress on all sockets get their answer, and nobody is accepted any more', async () => {
  const waiting: (() => void)[] = [];
  const { port, close } = await open((_request, response) => {
    waiting.push(() => response.end('done'));
  });
  const answers = Array.from({ length: 20 }, async () => {
    const socket = customer(port);
    socket.write('GET / HTTP/1.1\r\nhost: rides\r\nconnection: close\r\n\r\n');
    let text = '';
    for await (const piece of socket) text += piece;
    return text;
  });
  while (waiting.length < answers.length) await turn();
  const closed = close(
    () => false,
    () => Infinity,
  );
  for (const answer of waiting) answer();
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 200 .*done/s);
  await closed;
  const [error] = await once(connect({ host, port }), 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  const again: Server = createServer().listen(port, host);
  await once(again, 'listening');
  again.close();
});

test('what may stay is served until the end, and does not end with the requests that take too long', async () => {
  let patience = Infinity;
  const responses = new Map<string, ServerResponse>();
  const { port, close } = await open((request, response) => {
    responses.set(request.url as string, response);
    response.writeHead(200).flushHeaders();
  });
  const ask = (path: string) => {
    const socket = customer(port).setEncoding('utf8');
    socket.write(`GET ${path} HTTP/1.1\r\nhost: rides\r\n\r\n`);
    return socket;
  };
  const [feed, slow] = [ask('/feed'), ask('/slow')];
  let heard = '';
  feed.on('data', (text: string) => {
    heard += text;
  });
  slow.resume();
  while (responses.size < 2) await turn();
  const gone = once(slow, 'close');
  const closed = close(
    (connection) => connection === responses.get('/feed')?.socket,
    () => patience,
  );
  for (let turns = 0; turns < 100; turns++) await turn();
  expect(slow.destroyed).toBe(false);
  patience = 0; // nothing can finish any more
  await Promise.all([gone, closed]);
  responses.get('/feed')?.end('the last word');
  while (!heard.includes('the last word')) await turn();
});
