import { expect, test } from '@jest/globals';
import { version } from 'uuid';
import { idOf, newId } from './ride-id.ts';

test('the id follows from customer and key alone, and is a UUIDv5', () => {
  expect(idOf('user_1', 'key')).toBe('b75ca6b6-5216-5c3a-be95-7f0c16a9e024');
  expect(idOf('user_1', 'key')).not.toBe(idOf('user_2', 'key'));
  expect(idOf('user_1', 'key')).not.toBe(idOf('user_1', 'key2'));
});

test('new ids are UUIDv7, never twice the same', () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(new Set(ids).size).toBe(1000);
  expect(ids.every((id) => version(id) === 7)).toBe(true);
});
