import { expect, jest, test } from '@jest/globals';
import { createBuilder } from './ipv6-addresses.ts';
import { wasSilent } from './silence.ts';

const options = (...brokers: string[]) => ({ brokers, logger: { namespace: () => ({}) } }) as never;

test('brokers are tried in turn, at IPv6 addresses too', async () => {
  const builder = createBuilder(options('a.example:1', '[::1]:2'));
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

test('a recently silent broker is skipped, unless each was silent', async () => {
  jest.useFakeTimers();
  try {
    const build = () => createBuilder(options('s.example:1', 't.example:2')).build();
    wasSilent('s.example:1');
    expect(await build()).toMatchObject({ host: 't.example' });
    wasSilent('t.example:2');
    expect(await build()).toMatchObject({ host: 's.example' });
    jest.advanceTimersByTime(30_001);
    expect(await build()).toMatchObject({ host: 's.example' });
    wasSilent('t.example:2');
    expect(await build()).toMatchObject({ host: 's.example' });
  } finally {
    jest.useRealTimers();
  }
});
