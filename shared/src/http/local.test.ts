import { expect, test } from '@jest/globals';
import { gatewayIn, isLocal } from './local.ts';

const from = (remoteAddress: string, hostname = 'localhost', gateway: string | null = null) =>
  isLocal({ socket: { remoteAddress }, hostname } as never, gateway);

test('callers on this machine are allowed with its own names', () => {
  expect(from('127.0.0.1')).toBe(true);
  expect(from('::1', '[::1]')).toBe(true);
  expect(from('::ffff:127.0.0.1', '127.0.0.1')).toBe(true);
});

test('callers from elsewhere, and pages with another name for this address, are not', () => {
  expect(from('192.168.1.7')).toBe(false);
  expect(from('::ffff:10.0.0.1')).toBe(false);
  expect(from('127.0.0.1', 'evil.example')).toBe(false);
  expect(from('127.0.0.1', '127.0.0.1.evil.example')).toBe(false);
});

test('a gateway is one address, and its callers need the right name too', () => {
  expect(from('::ffff:172.18.0.1', 'localhost', '172.18.0.1')).toBe(true);
  expect(from('172.18.0.10', 'localhost', '172.18.0.1')).toBe(false);
  expect(from('172.18.0.1', 'flow', '172.18.0.1')).toBe(false);
  expect(from('172.18.0.1')).toBe(false);
});

test('the default gateway is found among the routes', () => {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
  const local = 'eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n';
  const all = 'eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n';
  expect(gatewayIn(head + local + all)).toBe('172.18.0.1');
  expect(gatewayIn(head + local)).toBeNull();
});
