import { expect, test } from '@jest/globals';
import { toDecision, toEntry, toResolution } from './records.ts';

const raw = (value: string) => ({ offset: '7', timestamp: '0', value: Buffer.from(value), headers: {} });

test('an id of more digits than a number holds is the same on both sides of a decision', () => {
  const id = '12345678901234567890';
  expect(toEntry('ride_details', 0, raw(`{"id":${id},"customer_id":"user_1"}`)).id).toBe(id);
  expect(toDecision('ride_confirmed', 0, raw(`{"id":"${id}","customer_id":"user_1"}`)).id).toBe(id);
});

test.each([
  ['{"pickup_minutes":12}', 12],
  ['{"pickup_minutes":"12"}', 12],
  ['{"pickup_time":"12mins"}', 12],
  ['{"pickup_minutes":null,"pickup_time":null}', null],
])('the minutes in %s', (value, minutes) => {
  expect(toDecision('ride_confirmed', 0, raw(value)).minutes).toBe(minutes);
});

test('a marker settles a dead letter, and a parked message with such a header of its own does not', () => {
  const topic = 'ride_confirmed.email.dlq';
  const marker = { ...raw(''), headers: { resolved: `${topic}/0/5`, resolved_by: 'drop' } };
  expect(toResolution(topic, marker)).toEqual({ of: { partition: 0, offset: 5 }, how: 'drop' });
  const parked = { ...marker, headers: { ...marker.headers, dead_letter_by: 'email' } };
  expect(toResolution(topic, parked)).toBeNull();
});
