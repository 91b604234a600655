import { expect, test } from '@jest/globals';
import { createBuilder } from './ipv6-addresses.ts';

test('brokers are tried in turn, at IPv6 addresses too', async () => {
  const builder = createBuilder({
    brokers: ['a.example:1', '[::1]:2'],
    logger: { namespace: () => ({}) },
  } as never);
  const pools = [
    await builder.build(),
    await builder.build({}),
    await builder.build(),
    await builder.build({ host: 'c', port: 3 }),
  ];
  expect(pools).toMatchObject([
    { host: 'a.example', port: 1 },
    { host: '::1', port: 2 },
    { host: 'a.example', port: 1 },
    { host: 'c', port: 3 },
  ]);
});
