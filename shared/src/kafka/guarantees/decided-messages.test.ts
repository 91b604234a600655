import { expect, test } from '@jest/globals';
import type { RawRecord } from '../../reading.ts';
import { DecidedMessages } from './decided-messages.ts';
import { causeOfDecision, placeBehind } from './recover-place.ts';

const decision = (ce_causeid: string | null, ce_cause = 'ride_details/0/7', timestamp = 1_700_000_000_000) =>
  ({
    timestamp: String(timestamp),
    headers: { ce_cause: Buffer.from(ce_cause), ce_causeid: ce_causeid && Buffer.from(ce_causeid) },
  }) as unknown as RawRecord;
const decided = (...decisions: RawRecord[]) => {
  const messages = new DecidedMessages(10);
  for (const one of decisions) messages.addCauseOf(one);
  return messages;
};

test('a message is decided when a decision names its identity', () => {
  const messages = decided(decision('ride-1'), decision(null), decision('ride_details/0/9@1700000000000'));
  messages.add('ride-2');
  for (const identity of ['ride-1', 'ride-2', 'ride_details/0/9@1700000000000'])
    expect(messages.has(identity)).toBe(true);
  for (const identity of ['ride-3', 'ride_details/0/7@1700000000000', 'ride_details/0/9@1700000000001'])
    expect(messages.has(identity)).toBe(false);
});

test('a decision of the previous version, which only has coordinates, counts for the message that was there at that time', () => {
  const messages = decided(decision('ride_details/0/7'));
  expect(messages.has('ride_details/0/7@1699999999999')).toBe(true);
  expect(messages.has('ride_details/0/7@1700000004000')).toBe(true); // its writer's clock was ahead
  expect(messages.has('ride_details/0/7@1700000060000')).toBe(false); // the topic was made anew
  expect(messages.has('ride_details/0/8@1699999999999')).toBe(false);
});

test('a group without offsets goes on behind what the version before decided last, unless the topic was made anew', async () => {
  const last = causeOfDecision(decision('ride_details/0/7'), 'ride_details', 0);
  if (!last) throw new Error('it names nothing');
  const behind = (timestamp: string) =>
    placeBehind(last, { start: 0n, end: 20n }, async () => ({ timestamp, headers: {} }) as RawRecord);
  expect(await behind('1699999999999')).toBe(8n);
  expect(await behind('1700000060000')).toBeNull();
});
