import { expect, test } from '@jest/globals';
import { Unprocessable } from './errors.ts';
import { type KindName, kinds } from './poison.ts';
import { read } from './reading.ts';
import { type TopicName, topics } from './topics.ts';

const record = (value: Buffer | null) => ({ key: null, value, offset: '0', timestamp: '0' });
const cases = Object.keys(topics).flatMap((topic) =>
  Object.keys(kinds).map((kind) => [kind as KindName, topic as TopicName] as const),
);

test.each(cases)('%s on %s does what it says', (kind, topic) => {
  const reading = () => read(topic, 0, record(kinds[kind].value(topic, 0)));
  if (kind === 'tutorial') expect(reading()).toMatchObject({ value: { customer_id: 'user_0' } });
  else expect(reading).toThrow(Unprocessable);
});

test('a field out of range is named', () => {
  expect(() => read('ride_details', 0, record(kinds['wrong-field'].value('ride_details', 0)))).toThrow(
    'location.lat',
  );
});
