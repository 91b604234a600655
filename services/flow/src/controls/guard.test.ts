import { expect, test } from '@jest/globals';
import { whyNot } from './guard.ts';

const from = (remoteAddress: string, hostname = 'localhost') =>
  ({ socket: { remoteAddress }, hostname }) as never;

test('in a container the gateway is this machine, and the other containers are not', () => {
  const why = whyNot('container', () => '172.18.0.1');
  expect(why(from('::ffff:172.18.0.1'))).toBeNull();
  expect(why(from('::ffff:172.18.0.5'))).toContain('Only a browser on the machine');
  expect(why(from('::ffff:172.18.0.1', 'flow'))).toContain('Only a browser on the machine');
});

test('outside of a container the gateway is a stranger', () => {
  const why = whyNot('on', () => '192.168.1.1');
  expect(why(from('192.168.1.1'))).not.toBeNull();
  expect(why(from('127.0.0.1'))).toBeNull();
});

test('where nothing is taught, nobody is let in', () => {
  expect(whyNot('off')(from('127.0.0.1'))).toContain('TEACHING=on');
});
