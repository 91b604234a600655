import { expect, test } from '@jest/globals';
import { bytesOf, hexdump } from './bytes.ts';
import { difference } from './difference.ts';
import { elapsed } from './elapsed.ts';

test('a step whose time is not known is not given one', () => {
  expect(elapsed([{ at: 1000 }, { at: null }, { at: 1004.5 }])).toEqual([0, null, 4.5]);
  expect(elapsed([{ at: null }, { at: 5 }])).toEqual([null, 0]);
});

test('what a service added, changed or left out is told apart', () => {
  const lines = difference({ id: 1, token: 'x', at: 'a' }, { id: 1, at: 'b', status: 'confirmed' });
  expect(lines).toEqual([
    { change: 'same', name: 'id', value: '1' },
    { change: 'changed', name: 'at', value: '"b"', before: '"a"' },
    { change: 'added', name: 'status', value: '"confirmed"' },
    { change: 'removed', name: 'token', value: '"x"' },
  ]);
});

test('without an input nothing is marked, and what is no object is not taken apart', () => {
  expect(difference(null, { id: 1 })).toEqual([{ change: 'same', name: 'id', value: '1' }]);
  expect(difference({ id: 1 }, 'text')).toBeNull();
});

test('bytes that are no text are shown as they are', () => {
  expect([...bytesOf({ base64: '//4A' })]).toEqual([255, 254, 0]);
  expect(hexdump(bytesOf({ text: '{"id": 1}' }))).toEqual([
    '0000  7b 22 69 64 22 3a 20 31  {"id": 1',
    '0008  7d                       }',
  ]);
});

test('a huge value is cut, and says so', () => {
  expect(hexdump(new Uint8Array(20), 8).at(-1)).toBe('and 12 bytes more');
});
