import { expect, test } from '@jest/globals';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readHeaders } from './headers.ts';

test('very many headers of one name are read in order and in linear time', () => {
  const count = 200_000; // as many as a message of half a megabyte can have
  const to = new ByteWriter(4096);
  to.varint(count);
  for (let n = 0; n < count; n++) {
    to.text('n');
    to.bytes(String(n % 10));
  }
  const { n } = readHeaders(new ByteReader(to.written, 0), []);
  expect(n).toHaveLength(count);
  expect((n as Buffer[]).slice(0, 12).map(String).join('')).toBe('012345678901');
});
