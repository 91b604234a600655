import { expect, test } from '@jest/globals';
import { KafkaJSNonRetriableError } from 'kafkajs';
import { useBroker } from './broker.ts';
import { eventually } from './eventually.ts';

const it = useBroker();

test('the log reads on after kafkajs has given up for good, and has each entry once', async () => {
  it.log.onEntry = () => {
    it.log.onEntry = () => {};
    throw new KafkaJSNonRetriableError('no group coordinator');
  };
  await it.log.write('ride_details', { key: 'user_1', value: '{"id":"before"}' });
  await it.log.write('ride_details', { key: 'user_1', value: '{"id":"after"}' });
  await eventually(() =>
    expect(it.log.on('ride_details').map(({ value }) => value?.id)).toEqual(['before', 'after']),
  );
});
