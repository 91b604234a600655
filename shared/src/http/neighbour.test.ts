import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { isNeighbour } from './neighbour.ts';

const from = (remoteAddress: string | undefined, hostname: string | undefined) =>
  isNeighbour({ socket: { remoteAddress } as Socket, hostname: hostname as string });

test.each([
  ['172.18.0.5', 'transaction'],
  ['::ffff:10.0.0.7', 'rideflow-email-2'],
  ['192.168.1.4', 'email_1'],
  ['fd00::7', 'transaction'],
  ['172.18.0.1', 'localhost'],
  ['172.18.0.1', '127.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '[::1]'],
])('a caller at %s with the name %s is in this network', (address, hostname) => {
  expect(from(address, hostname)).toBe(true);
});

test.each([
  ['a public address', '203.0.113.7', 'transaction'],
  ['a public address that looks private to the eye', '172.32.0.1', 'transaction'],
  ['a public IPv6 address', '2001:db8::1', 'transaction'],
  ['a name that somebody may own in the public DNS', '172.18.0.5', 'rebound.example'],
  ['an address of the network as the name', '172.18.0.5', '172.18.0.4'],
  ['a name that ends with a dot', '172.18.0.5', 'transaction.'],
  ['no name', '172.18.0.5', undefined],
  ['a connection that is gone', undefined, 'transaction'],
])('%s is not in this network', (_what, address, hostname) => {
  expect(from(address, hostname)).toBe(false);
});
