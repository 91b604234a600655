import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { encodings } from '../../test/support/encodings.ts';
import { editedWith, setFields, valueFrom } from './edit.ts';

const json = (value: object) => Buffer.from(JSON.stringify(value));
const set = (value: object, ...settings: string[]) => JSON.parse(String(setFields(settings)(json(value))));

test('a field is set to a JSON value, or to text if it is not JSON', () => {
  expect(set({ a: 1 }, 'b=2', 'c=user@example.com', 'd={"e":[null]}', 'f=x=y')).toEqual({
    a: 1,
    b: 2,
    c: 'user@example.com',
    d: { e: [null] },
    f: 'x=y',
  });
});

test('a nested field is set, and replaces a value that is not an object', () => {
  expect(set({ location: { lat: 1, long: 2 } }, 'location.lat=3')).toEqual({ location: { lat: 3, long: 2 } });
  expect(set({ location: 'here' }, 'location.lat=3')).toEqual({ location: { lat: 3 } });
});

test('numbers in unchanged fields keep their notation', () => {
  const value = '{"id":12345678901234567890,"lat":-5e-05,"n":1.0,"list":[0.30000000000000004],"a":1}';
  const changed = String(setFields(['a=2'])(Buffer.from(value)));
  expect(changed).toBe(value.replace('"a":1', '"a":2'));
  expect(String(setFields(['id.part=1'])(Buffer.from(value)))).toContain('"id":{"part":1}');
  expect(String(editedWith('sed -i \'s/"a": 1/"a": 2/\'', Buffer.from(value))(null))).toBe(changed);
});

test('a field of any name is a field of the value alone', () => {
  setFields(['__proto__.polluted=true', 'constructor.prototype.polluted=true'])(json({}));
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('a setting without a field, and a value without fields, are refused', () => {
  for (const setting of ['', 'a', '=1', 'a..b=1'])
    expect(() => setFields([setting])).toThrow('<field>=<value>');
  for (const value of [null, Buffer.from('[1]'), Buffer.from('x'), Buffer.from([0xff])])
    expect(() => setFields(['a=1'])(value)).toThrow('not a JSON object');
});

test('an editor gets JSON laid out for reading, and its result is folded again', () => {
  const change = editedWith('sed -i \'s/"a": 1/"a": 2/\'', json({ a: 1, b: [] }));
  expect(String(change(null))).toBe('{"a":2,"b":[]}');
});

test('bytes that are not JSON go through an editor unchanged', () => {
  expect(editedWith("sed -i 's/x/y/'", Buffer.from('x\n'))(null)).toEqual(Buffer.from('y\n'));
});

test('an editor that fails or changes nothing means no replay', () => {
  expect(() => editedWith('false', json({}))).toThrow('The editor "false" failed (exit status 1)');
  expect(() => editedWith('true', json({}))).toThrow('The value is unchanged');
});

test.each(encodings)('JSON that was written in %s is replayed in UTF-8', (_name, encode) => {
  const folder = mkdtempSync(join(tmpdir(), 'rideflow-'));
  const file = join(folder, 'value');
  writeFileSync(file, encode('{"id": "é"}'));
  expect(String(valueFrom(file)(null))).toBe('{"id": "é"}');
  expect(String(editedWith(`cp ${file}`, json({}))(null))).toBe('{"id":"é"}');
  rmSync(folder, { recursive: true });
});

test('a file gives its bytes, and one that cannot be read is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rideflow-'));
  const file = join(folder, 'value');
  for (const bytes of [Buffer.from([0xff, 0]), Buffer.from('\uFEFFno JSON', 'utf16le')]) {
    writeFileSync(file, bytes);
    expect(valueFrom(file)(null)).toEqual(bytes);
  }
  rmSync(folder, { recursive: true });
  expect(() => valueFrom(file)).toThrow(`--value-file ${file}: cannot be read`);
});
