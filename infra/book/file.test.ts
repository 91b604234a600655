import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodings } from '../../test/support/encodings.ts';
import { ridesFromFile } from './file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rides-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(text: string | Buffer) {
  const path = join(folder, 'rides.json');
  await writeFile(path, text);
  return path;
}

test('the sample rides can be booked, one of them declined and one flaky', async () => {
  const rides = await ridesFromFile(join(import.meta.dirname, '..', 'sample-rides.json'));
  expect(rides.length).toBeGreaterThanOrEqual(12);
  const tokens = rides.map(({ payment_token }) => payment_token);
  expect(tokens.filter((token) => token === 'tok_declined')).toHaveLength(1);
  expect(tokens.filter((token) => token === 'tok_flaky')).toHaveLength(1);
});

test.each(encodings)('a file in %s can be booked', async (_name, encode) => {
  const rides = [{ customer_id: 'a', location: { lat: 1, long: 2 } }];
  expect(await ridesFromFile(await fileWith(encode(JSON.stringify(rides))))).toEqual(rides);
});

test('a file that is not text is reported as such', async () => {
  await expect(ridesFromFile(await fileWith(Buffer.from([0x5b, 0xe9, 0x5d])))).rejects.toThrow(
    'rides.json cannot be read: it is neither UTF-8 nor UTF-16.',
  );
});

test.each([
  ['{"customer_id":', 'is not JSON'],
  ['{}', 'is not a JSON array'],
  ['[]', 'contains no rides'],
])('a file with %s is rejected with what is accepted', async (text, message) => {
  const refused = expect(ridesFromFile(await fileWith(text))).rejects;
  await refused.toThrow(message);
  await refused.toThrow('an array of rides, such as [{"customer_id"');
});

test('each wrong entry is named with its field and what is accepted', async () => {
  const path = await fileWith(
    JSON.stringify([
      { customer_id: 'a', location: { lat: 1, long: 2 } },
      { customer_id: 'b', location: { lat: 91, long: 2 } },
      { customer_id: 'c' },
      7,
    ]),
  );
  await expect(ridesFromFile(path)).rejects.toThrow(
    `3 entries in ${path} cannot be booked. Nothing was sent:
  entry 2: /location/lat must be at most 90
  entry 3: /location is missing; must be an object
  entry 4: must be an object, not a number`,
  );
});

test('a missing file is reported as missing', async () => {
  await expect(ridesFromFile(join(folder, 'none.json'))).rejects.toThrow(
    /^The file .*none\.json does not exist\.$/,
  );
});
