import { expect, test } from '@jest/globals';
import { losesMarkers, PINNED_VERSION, versionOf } from './version.ts';

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
      `KAFKA_VERSION is "${version}"; accepted is a release of Apache Kafka from 3.9.0 on, with three numbers, such as 4.4.0.`,
    );
  },
);

test('the two faulty releases are known, and the pinned one is none of them', () => {
  expect(['4.2.2', '4.3.0', '4.3.1', '4.4.0'].filter(losesMarkers)).toEqual(['4.3.0', '4.3.1']);
  expect(losesMarkers(PINNED_VERSION)).toBe(false);
});
