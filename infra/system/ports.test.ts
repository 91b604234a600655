import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { isBlocked } from '@rideflow/shared/http/blocked-ports.ts';
import { blockedPort, freeOffset, nearestOffset, neededPorts, takenPorts } from './ports.ts';

test('a system needs the ports of its six processes, of SMTP and of its brokers', () => {
  const needed = (nodes: number) => neededPorts(100, nodes).map(({ port, who }) => `${port} ${who}`);
  expect(needed(0)).toEqual([
    '4100 rides',
    '4101 transaction',
    '4102 email',
    '4103 analytics',
    '4104 flow',
    '1180 mailbox',
    '1125 mailbox',
  ]);
  expect(needed(3).slice(7)).toEqual(['9192 Kafka', '9193 Kafka', '9194 Kafka']);
});

test.each([
  [2000, 6000, 2001],
  [1999, 6000, 2001],
  [9000, 10080, 8999],
  [45, 4045, 46],
  [0, undefined, 0],
])(
  'with offset %d a browser refuses %p, and the nearest offset that works is %d',
  (offset, port, nearest) => {
    expect(blockedPort(offset)?.port).toBe(port);
    expect(nearestOffset(offset)).toBe(nearest);
    const pages = neededPorts(nearest, 0).filter(({ http }) => http);
    expect(pages.filter(({ port }) => isBlocked(port))).toEqual([]);
  },
);

test('an offset is free when nothing listens on any of its ports', async () => {
  const offset = (await freeOffset(20_000, 3)) ?? 0;
  const next = neededPorts(offset, 3);
  const server = createServer().listen(next.at(-1)?.port, '127.0.0.1');
  await once(server, 'listening');
  try {
    expect(await takenPorts(offset, 3)).toEqual([next.at(-1)]);
    expect(await takenPorts(offset, 1)).toEqual([]);
    expect(await freeOffset(offset - 100, 3)).toBeGreaterThan(offset);
  } finally {
    server.close();
  }
});
