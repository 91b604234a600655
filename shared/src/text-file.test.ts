import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodings } from '../../test/support/encodings.ts';
import { decodeText, linesOf, readTextFile } from './text-file.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rideflow-'));
  file = join(folder, 'text');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(encodings)('a file in %s', (_name, encode) => {
  test('is read as the text that was meant', () => {
    writeFileSync(file, encode('{"who": "Jürgen 🚕"}\r\n'));
    expect(readTextFile(file)).toBe('{"who": "Jürgen 🚕"}\r\n');
  });

  test('returns its lines, even if it is read in many pieces', async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `Zeile ${n} 🚕`);
    writeFileSync(file, encode(`${lines.join('\r\n')}\n\nthe end`));
    expect(await Array.fromAsync(linesOf(file))).toEqual([...lines, '', 'the end']);
  });
});

test('an empty file and one of a single byte are texts', async () => {
  for (const text of ['', 'x']) {
    writeFileSync(file, text);
    expect(readTextFile(file)).toBe(text);
    expect(await Array.fromAsync(linesOf(file))).toEqual(text === '' ? [] : [text]);
  }
});

test('a file that is not text is reported as such, and a missing file keeps the error of the system', async () => {
  const latin1 = Buffer.from('Jürgen', 'latin1');
  const half = Buffer.from([0xff, 0xfe, 0x41]);
  for (const bytes of [latin1, half]) {
    expect(() => decodeText(bytes)).toThrow('it is neither UTF-8 nor UTF-16');
    writeFileSync(file, bytes);
    await expect(Array.fromAsync(linesOf(file))).rejects.toThrow('it is neither UTF-8 nor UTF-16');
  }
  expect(() => readTextFile(join(folder, 'none'))).toThrow('ENOENT');
  await expect(Array.fromAsync(linesOf(join(folder, 'none')))).rejects.toThrow('ENOENT');
});
