import { expect, test } from '@jest/globals';
import { reasonOf } from './reason.ts';

const error = new Error('it does not work');

test.each(['ENOTFOUND', 'EAI_AGAIN'])(
  'a name that the cluster advertises and nobody here knows is told, with what to do (%s)',
  (code) => {
    const reason = reasonOf(error, ['localhost:9092'], new Map([['kafka.internal:9092', code]]));
    expect(reason).toContain(
      'Kafka answers at localhost:9092 but advertises kafka.internal:9092, a name that this machine cannot resolve.',
    );
    expect(reason).toContain('advertised.listeners');
  },
);

test('an advertised address where nothing answers is reported', () => {
  const failed = new Map([['localhost:9092', 'ECONNREFUSED']]);
  expect(reasonOf(error, ['kafka.example:9092'], failed)).toContain('localhost:9092, where nothing answers');
});

test('every other failure keeps its own message', () => {
  expect(reasonOf(error, ['a:1'], new Map([['a:1', 'ECONNREFUSED']]))).toBe('it does not work');
  const refused = Object.assign(new Error('no'), { errors: [{ topic: 't', message: 'denied' }] });
  expect(reasonOf(refused, ['a:1'])).toBe('no: t: denied');
});
