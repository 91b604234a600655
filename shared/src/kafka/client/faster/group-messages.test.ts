import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type GroupOptions, groupMessages, stockGroupMessages } from './group-messages.ts';

const options = (partitions: number[]): GroupOptions => ({
  topic: 'rides',
  partitionMetadata: [{}],
  messages: partitions.map((partition, i) => ({ partition, value: String(i) })),
  partitioner: ({ message }) => message.partition as number,
});

test('messages are grouped like in kafkajs, in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 50 }), (partitions) => {
      const [ours, theirs] = [groupMessages(options(partitions)), stockGroupMessages(options(partitions))];
      expect(ours).toEqual(theirs);
      expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    }),
  );
});

test('a topic without partitions gets no messages', () => {
  expect(groupMessages({ ...options([1, 2]), partitionMetadata: [] })).toEqual({});
});
