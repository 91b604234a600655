import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { read } from '@rideflow/shared/reading.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { arbitraryOf } from './arbitrary.ts';
import { goldenOf } from './golden.ts';
import {
  current,
  type MessageName,
  messageNames,
  messages,
  published,
  type Schema,
  schemasFolder,
} from './history.ts';
import { judge, recordOf } from './judge.ts';
import { changed, publish, unpublished } from './publish.ts';

const folder = mkdtempSync(join(tmpdir(), 'rideflow-schemas-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** A copy of the published schemas, to be changed. */
function copied(name: string): string {
  const copy = join(folder, name);
  cpSync(schemasFolder, copy, { recursive: true });
  return copy;
}
const newest = (message: MessageName) => published(message).slice(-1);
/** The writer of now, with other fields. */
function writing(
  message: MessageName,
  change: (properties: Record<string, Schema>, required: string[]) => void,
) {
  const { writer, reader } = structuredClone(current(message));
  change(writer.properties as Record<string, Schema>, writer.required as string[]);
  return { writer, reader };
}

test('what the code writes is published, nothing published was changed, and every version is understood', () => {
  expect(changed()).toEqual([]);
  expect(unpublished()).toEqual([]);
  expect(messageNames.flatMap((message) => judge(message, published(message)))).toEqual([]);
});

test('the golden messages of each version are what its writers write', () => {
  for (const message of messageNames)
    for (const { number, writer, golden } of published(message)) {
      const check = new Ajv2020({ strict: false, validateFormats: false }).compile(writer);
      for (const { name, value } of golden)
        expect([message, number, name, check(value)]).toEqual([message, number, name, true]);
    }
});

test.each(messageNames)(
  'the open view of the readers of %s allows nothing of a writer that they refuse',
  (message) => {
    const accepted = (value: unknown) => {
      const confirmed = (value as { status?: string }).status === 'confirmed';
      if (confirmed && Object.values(value as object).includes(null)) return true; // known
      return read(messages[message].topic, 0, recordOf(value)).value !== undefined;
    };
    fc.assert(fc.property(arbitraryOf(current(message).writer), accepted), { numRuns: 200, seed: 2 });
  },
);

test('an optional field that is added breaks nobody', () => {
  const now = writing('RideDetails', (properties) => {
    properties.tip = { type: 'number', minimum: 0, maximum: 100 };
  });
  expect(judge('RideDetails', newest('RideDetails'), now)).toEqual([]);
});

test('a new value of an enum breaks the readers of before, with the smallest message that shows it', () => {
  const now = writing('RideConfirmed', ({ status }) => {
    status?.enum && (status.enum as string[]).push('cancelled');
  });
  expect(judge('RideConfirmed', newest('RideConfirmed'), now)).toEqual([
    expect.objectContaining({
      rule: 'rolling upgrade',
      reader: 'email, analytics and rides, of version 2',
      path: '/status',
      counterexample: expect.objectContaining({ status: 'cancelled', id: ' ' }),
    }),
  ]);
});

test('a field that is renamed in one step breaks the readers of before', () => {
  const now = writing('RideDetails', (properties, required) => {
    properties.customer = properties.customer_id as Schema;
    delete properties.customer_id;
    required[required.indexOf('customer_id')] = 'customer';
  });
  expect(judge('RideDetails', newest('RideDetails'), now)).toEqual([
    expect.objectContaining({ rule: 'rolling upgrade', why: expect.stringContaining("'customer_id'") }),
  ]);
});

test('a field of another type in an old version breaks the replay', () => {
  const [version] = structuredClone(newest('RideDetails'));
  Object.assign(version?.writer.properties as object, {
    customer_id: { type: 'integer', minimum: 1, maximum: 9 },
  });
  expect(judge('RideDetails', version ? [version] : [])).toEqual([
    expect.objectContaining({
      rule: 'replay',
      path: '/customer_id',
      counterexample: expect.objectContaining({ customer_id: 1 }),
    }),
  ]);
});

test('a known break hides no other one of the same version', () => {
  const [first] = published('RideDetails');
  const now = writing('RideDetails', ({ payment_token }) => {
    payment_token?.enum && (payment_token.enum as string[]).push('tok_new');
  });
  expect(judge('RideDetails', first ? [first] : [], now)).toEqual([
    expect.objectContaining({ version: 1, rule: 'rolling upgrade', path: '/payment_token' }),
  ]);
});

test('a published file that is changed or gone is named', () => {
  const copy = copied('changed');
  const file = join(copy, 'RideDetails/v1.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('128', '64'));
  rmSync(join(copy, 'RideConfirmed/v1.golden.json'));
  expect(changed(copy)).toEqual([
    'RideDetails/v1.json was changed after it was published',
    'RideConfirmed/v1.golden.json was published and is missing',
  ]);
});

test('a schema that differs from its newest version is named, and publishing adds a version', () => {
  const copy = copied('publish');
  rmSync(join(copy, 'RideDetails'), { recursive: true });
  writeFileSync(join(copy, 'published.json'), '{}');
  expect(unpublished(copy)).toEqual(['RideDetails']);
  expect(publish('RideDetails', goldenOf.RideDetails, copy)).toBe(1);
  expect(publish('RideDetails', goldenOf.RideDetails, copy)).toBe(2);
  expect(unpublished(copy)).toEqual([]);
  expect(published('RideDetails', copy).map(({ number, golden }) => [number, golden])).toEqual([
    [1, goldenOf.RideDetails],
    [2, goldenOf.RideDetails],
  ]);
});

test('a keyword that the random messages do not know is refused', () => {
  expect(() => arbitraryOf({ type: 'array' })).toThrow('no random messages of {"type":"array"}');
});
