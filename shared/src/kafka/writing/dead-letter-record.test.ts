import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostileRecord } from '../../../../test/support/hostile-records.ts';
import type { RawRecord } from '../../reading.ts';
import { toDeadLetter } from './dead-letter-record.ts';
import { sizeOf } from './size.ts';

const raw = (value: string | null, more: Partial<RawRecord> = {}): RawRecord => ({
  key: null,
  value: value === null ? null : Buffer.from(value),
  offset: '1041',
  timestamp: '0',
  ...more,
});

describe('a dead letter', () => {
  const from = { topic: 'ride_details', partition: 2, offset: '1041' };
  const park = (record: RawRecord) =>
    toDeadLetter('ride_details.transaction.dlq', 'transaction', from, record, 'the message has no value');

  test('keeps the original key, bytes and headers, with the reason, source, reader and time', () => {
    const value = Buffer.from([0xff, 0x00, 0x7b]);
    const key = Buffer.from([0xc3, 0x28]);
    const headers = { ce_id: Buffer.from('abc'), twice: [Buffer.from('1'), Buffer.from('2')] };
    expect(park({ ...raw(null), key, value, headers })).toEqual({
      topic: 'ride_details.transaction.dlq',
      partition: 2,
      key,
      value,
      headers: {
        ...headers,
        dead_letter_reason: 'the message has no value',
        dead_letter_from: 'ride_details/2/1041',
        dead_letter_timestamp: '0',
        dead_letter_by: 'transaction',
        dead_letter_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    });
  });

  test('of a message without key, value and headers has none either', () => {
    expect(park(raw(null))).toMatchObject({ key: null, value: null });
  });

  test('has no key of four zero bytes, which kafkajs would take for an abort marker', () => {
    expect(park(raw('x', { key: Buffer.alloc(4) })).key).toBeNull();
    expect(park(raw('x', { key: Buffer.alloc(3) })).key).toEqual(Buffer.alloc(3));
    expect(park(raw('x', { key: Buffer.alloc(5) })).key).toEqual(Buffer.alloc(5));
  });

  test('that is too large for its topic keeps its beginning, and says so', () => {
    const value = Buffer.alloc(3_000_000, 'x');
    const parked = park({ ...raw(null), value, headers: { ce_id: Buffer.from('abc') } });
    expect(parked.value).toHaveLength(1_000_000);
    expect(parked.headers).toMatchObject({
      dead_letter_truncated: expect.stringMatching(
        /^the message has about 3000\d+ bytes; this dead letter keeps the first 1000000 bytes of its value, /,
      ),
      dead_letter_from: 'ride_details/2/1041',
    });
    expect(sizeOf(parked)).toBeLessThan(1_500_000);
  });

  test('that is too large because of its headers keeps its value, its key and its small headers', () => {
    const headers = { huge: '€'.repeat(1_000_000), ce_id: 'abc', traceparent: Buffer.from('00-') };
    const parked = park({ ...raw('{}'), key: Buffer.from('user_1'), headers });
    expect(parked).toMatchObject({ key: Buffer.from('user_1'), value: Buffer.from('{}') });
    expect(parked.headers).toMatchObject({
      ce_id: 'abc',
      traceparent: Buffer.from('00-'),
      dead_letter_truncated: expect.any(String),
    });
    expect(parked.headers).not.toHaveProperty('huge');
  });

  test('fits its topic, with any message and any reason', () => {
    const reason = fc.tuple(fc.nat(3_000_000), fc.constantFrom('x', '€', '😀'));
    fc.assert(
      fc.property(hostileRecord, reason, (record, [length, unit]) => {
        const why = unit.repeat(length / unit.length);
        const parked = toDeadLetter(
          'ride_details.transaction.dlq',
          'transaction',
          from,
          { ...raw(null), ...record },
          why,
        );
        expect(sizeOf(parked)).toBeLessThan(1_600_000);
        expect(parked.headers.dead_letter_reason).toMatch(why.slice(0, 100));
      }),
    );
  });

  test('of a message that was parked before says why it is parked now', () => {
    const headers = {
      dead_letter_reason: 'before',
      dead_letter_truncated: 'before',
      dead_letter_at: 'before',
    };
    expect(JSON.stringify(park(raw('x', { headers })))).not.toContain('before');
  });

  test('has empty headers instead of null, which kafkajs cannot write', () => {
    const headers = { ce_id: null, twice: [null, Buffer.from('2')] } as unknown as NonNullable<
      RawRecord['headers']
    >;
    expect(park(raw('x', { headers })).headers).toMatchObject({ ce_id: '', twice: ['', Buffer.from('2')] });
  });

  test('as large as a message can be is kept whole', () => {
    const value = Buffer.alloc(1_048_000, 'x');
    expect(park({ ...raw(null), value })).toMatchObject({ value });
  });
});
