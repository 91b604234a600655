import { expect, test } from '@jest/globals';
import { placeOn, toDecision, toEntry, toResolution } from './records.ts';

const raw = (value: string) => ({ offset: '7', timestamp: '0', value: Buffer.from(value), headers: {} });

test('an id of more digits than a number holds is the same on both sides of a decision', () => {
  const id = '12345678901234567890';
  expect(toEntry('ride_details', 0, raw(`{"id":${id},"customer_id":"user_1"}`)).id).toBe(id);
  expect(toDecision('ride_confirmed', 0, raw(`{"id":"${id}","customer_id":"user_1"}`)).id).toBe(id);
});

test('a message without ce_id is known by its place and its time, and one with is not', () => {
  const headers = { ce_id: Buffer.from('mine') };
  expect(toEntry('ride_details', 2, raw('{}')).identity).toBe('ride_details/2/7@0');
  expect(toEntry('ride_details', 2, { ...raw('{}'), headers }).identity).toBe('mine');
  for (const identity of ['ride_details/2/7', 'ride_details/2/7@0', 'ride_details/2/7@-1'])
    expect(placeOn('ride_details', identity)).toEqual({ partition: 2, offset: 7 });
});

test.each([
  ['{"pickup_minutes":12}', 12],
  ['{"pickup_minutes":"12"}', 12],
  ['{"pickup_time":"12mins"}', 12],
  ['{"pickup_minutes":null,"pickup_time":null}', null],
])('the minutes in %s', (value, minutes) => {
  expect(toDecision('ride_confirmed', 0, raw(value)).minutes).toBe(minutes);
});

test('a marker settles a dead letter, but a parked message with such a header does not', () => {
  const topic = 'ride_confirmed.email.dlq';
  const marker = { ...raw(''), headers: { resolved: `${topic}/0/5`, resolved_by: 'drop' } };
  expect(toResolution(topic, marker)).toEqual({ of: { partition: 0, offset: 5 }, how: 'drop' });
  const parked = { ...marker, headers: { ...marker.headers, dead_letter_by: 'email' } };
  expect(toResolution(topic, parked)).toBeNull();
});
