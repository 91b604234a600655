import { expect, test } from '@jest/globals';
import type { Process } from '../../../src/protocol.ts';
import { speedOf } from './speed.ts';

const pace = (delay: number, step: boolean) => ({ delay, paused: false, step });
const one = (name: string, of: Process['pace'], state: Process['state'] = 'alive') =>
  ({ name, service: name.replace(/-.*/, ''), pace: of, state }) as Process;
const [full, step, slow] = [pace(0, false), pace(0, true), pace(400, false)];

test('the speed says whose it is', () => {
  const others = [one('rides-1', null), one('email-1', full)];
  const speed = (...processes: Process[]) => {
    const seen = speedOf([...others, ...processes]);
    return seen && `${seen.of}: ${seen.text}`;
  };
  expect(speed(one('transaction-1', full))).toBeNull();
  expect(speed(one('transaction-1', step))).toBe('transaction: step by step');
  expect(speed(one('transaction-1', step), one('transaction-2', full))).toBe('transaction-1: step by step');
  expect(speed(one('transaction-1', step, 'gone'), one('transaction-2', slow))).toBe(
    'transaction: 400 ms each',
  );
  expect(speedOf([one('rides-1', null), one('email-1', slow), one('transaction-1', slow)])).toEqual({
    of: 'all',
    text: '400 ms each',
  });
});
