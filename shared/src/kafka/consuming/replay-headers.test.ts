import { expect, test } from '@jest/globals';
import { isForAnother } from './replay-headers.ts';

const record = (...values: (string | Buffer)[]) => ({ headers: { replay_for: values } });

test('a message that is not a replay is for every reader', () => {
  expect(isForAnother({}, 'email')).toBe(false);
  expect(isForAnother({ headers: { ce_id: 'a' } }, 'email')).toBe(false);
});

test('a replay is for the reader that it names, and for no other', () => {
  expect(isForAnother(record(Buffer.from('email')), 'email')).toBe(false);
  expect(isForAnother(record(Buffer.from('email')), 'analytics')).toBe(true);
});
