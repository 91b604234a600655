import { expect, test } from '@jest/globals';
import { hexdump, textIn } from './bytes.ts';

test('text is shown unchanged, even outside ASCII', () => {
  expect(textIn(Buffer.from('{"name": "Zoë"}\n'))).toBe('{"name": "Zoë"}\n');
});

test('invalid UTF-8 and terminal control characters are not shown as text', () => {
  expect(textIn(Buffer.from([0x61, 0xff]))).toBeNull();
  expect(textIn(Buffer.from('\u001b[2J'))).toBeNull();
});

test('bytes are shown in rows of sixteen, with what of them is ASCII', () => {
  expect(hexdump(Buffer.from('{"a": "\u00ff", "bcde": 1}\u0000'))).toEqual([
    '  000000  7b 22 61 22 3a 20 22 c3 bf 22 2c 20 22 62 63 64  {"a": "..", "bcd',
    '  000010  65 22 3a 20 31 7d 00                             e": 1}.',
  ]);
});

test('a long value is shown in part, with its length', () => {
  expect(textIn(Buffer.alloc(5000, 'x'))).toMatch(/x… \(5000 bytes in all\)$/);
  expect(hexdump(Buffer.alloc(5000)).at(-1)).toBe('  … (5000 bytes in all)');
});
