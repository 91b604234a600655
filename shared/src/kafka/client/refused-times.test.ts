import { expect, test } from '@jest/globals';
import { inWords, refusedTime } from './refused-times.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const hour = 3_600_000;
const said = (time: number, from: bigint, to: number) =>
  `Timestamp ${time} of message with offset 0 is out of range. The timestamp should be within [${from}, ${to}]`;

test('a clock ahead of that of Kafka is reported with both clocks and the limit', () => {
  const from = BigInt(now) - (2n ** 63n - 1n); // message.timestamp.before.max.ms is without limit
  expect(inWords(said(now + 2 * hour + 61_000, from, now + hour))).toBe(
    'Kafka rejects the timestamp of the message: the clock of this machine shows 2026-01-01T14:01:01.000Z, and the clock of Kafka shows ' +
      '2026-01-01T12:00:00.000Z. This machine is 2 h 1 min 1 s ahead, and Kafka accepts at most 1 h ahead ' +
      '(message.timestamp.after.max.ms). Correct the wrong clock',
  );
});

test('if the clock of Kafka is unknown, the accepted times are reported', () => {
  expect(inWords(said(now - 2 * hour, BigInt(now - hour), now + hour))).toBe(
    'Kafka rejects the timestamp of the message: the clock of this machine shows 2026-01-01T10:00:00.000Z, and Kafka accepts ' +
      '2026-01-01T11:00:00.000Z to 2026-01-01T13:00:00.000Z. Correct the wrong clock',
  );
});

test('other messages of a broker stay unchanged', () => {
  expect(inWords('Compacted topic cannot accept message without key')).toBeNull();
  expect(refusedTime(new Error('closed connection'))).toBeNull();
  const refusal = Object.assign(new Error('two hours ahead'), { type: 'INVALID_TIMESTAMP' });
  expect(refusedTime(new Error('two hours ahead', { cause: refusal }))).toBe('two hours ahead');
});
