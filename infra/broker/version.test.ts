import { expect, test } from '@jest/globals';
import { assertReadable, losesMarkers, PINNED_VERSION, versionOf } from './version.ts';

test('KAFKA_VERSION chooses the version, and without it the pinned one runs', () => {
  expect(versionOf({ KAFKA_VERSION: '3.9.2' })).toBe('3.9.2');
  expect(versionOf({ KAFKA_VERSION: '4.10.0' })).toBe('4.10.0');
  expect(versionOf({})).toBe(PINNED_VERSION);
  expect(versionOf({ KAFKA_VERSION: ' ' })).toBe(PINNED_VERSION);
});

test.each(['latest', '4.2', '4.2.1-rc1', '3.8.1', '2.8.0', '4.4.0/../..'])(
  'KAFKA_VERSION=%s is an error that shows it and says what is accepted',
  (version) => {
    expect(() => versionOf({ KAFKA_VERSION: version })).toThrow(
      `KAFKA_VERSION is "${version}", but must be a release of Apache Kafka, 3.9.0 or newer, with three numbers, such as 4.4.0.`,
    );
  },
);

test('the two faulty releases are recognised, and the pinned one is not one of them', () => {
  expect(['4.2.2', '4.3.0', '4.3.1', '4.4.0'].filter(losesMarkers)).toEqual(['4.3.0', '4.3.1']);
  expect(losesMarkers(PINNED_VERSION)).toBe(false);
});

test('data of an earlier, the same, or an unknown release line is accepted', () => {
  for (const begunWith of ['3.9.2', '4.2.1', '4.4.1', undefined, ''])
    expect(() => assertReadable('/data', begunWith, '4.4.0')).not.toThrow();
});

test.each([
  ['4.4.0', '4.2.2'],
  ['4.0.0', '3.9.2'],
  ['4.10.0', '4.9.0'],
])('data that began with %s is refused to %s, with the remedies', (begunWith, version) => {
  expect(() => assertReadable('/data', begunWith, version)).toThrow(
    `The data in /data was created by Kafka ${begunWith}, and Kafka ${version} cannot read it. Do one`,
  );
});
