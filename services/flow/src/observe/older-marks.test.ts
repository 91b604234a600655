import { expect, test } from '@jest/globals';
import { Recent as Bounded } from '@rideflow/shared/recent.ts';
import { record } from './fixtures.ts';
import { glance } from './glance.ts';
import type { Marker } from './lane.ts';
import { olderMarks, type Wanted } from './older-marks.ts';
import { Recent } from './recent.ts';

/** Two requests, the first a dead letter, and a decision that was in a transaction from 1020 to 1060. */
function kept() {
  const recent = new Recent(100);
  const markers = new Bounded<Marker>(10);
  const add = (topic: string, it: ReturnType<typeof record>) => recent.add(glance(topic, 0, it), it);
  add('ride_details', record(0, { id: 'a' }));
  add('ride_details', record(1, { id: 'b' }));
  const headers = { dead_letter_by: 'transaction', dead_letter_from: 'ride_details/0/0' };
  add('ride_details.transaction.dlq', record(7, { id: 'a' }, { headers, timestamp: 1050 }));
  const decision = add(
    'ride_confirmed',
    record(20, { id: 'b', status: 'rejected' }, { producer: '9', headers: { ce_cause: 'ride_details/0/1' } }),
  );
  recent.end(decision.glance, 'committed', 1060);
  markers.set('ride_confirmed/0/21', {
    coordinates: 'ride_confirmed/0/21',
    what: 'commit',
    producer: '9',
    epoch: 0,
    at: 1060,
    ended: [],
    more: 0,
  });
  return (topic: string, from: number, to: number, more: Partial<Wanted> = {}) =>
    olderMarks(
      { recent, markers, fateOf: (_, offset) => (offset === 1 ? 'lost' : null) },
      {
        topic,
        partition: 0,
        from,
        to,
        at: null,
        ...more,
      },
    );
}

test('older offsets have the marks that they had when they were new, with what has become of them', () => {
  const marks = kept();
  expect(marks('ride_details', 0, 2)).toEqual([
    {
      offset: 0,
      what: 'message',
      customer: 'user_1',
      state: 'plain',
      deadLetter: 'ride_details.transaction.dlq/0/7',
    },
    { offset: 1, what: 'message', customer: 'user_1', state: 'plain', fate: 'lost' },
  ]);
  expect(marks('ride_confirmed', 0, 1000)).toEqual([
    { offset: 20, what: 'rejected', customer: 'user_1', state: 'committed', cause: 'ride_details/0/1' },
    { offset: 21, what: 'commit', state: 'committed' },
  ]);
  expect(marks('ride_confirmed', 22, 1000)).toEqual([]);
});

test('at a moment of the past, a transaction that has ended since is open, and what came later is not there', () => {
  const marks = kept();
  expect(marks('ride_confirmed', 0, 1000, { at: 1059 })).toEqual([
    { offset: 20, what: 'rejected', customer: 'user_1', state: 'open', cause: 'ride_details/0/1' },
  ]);
  expect(marks('ride_details', 0, 2, { at: 1000 })).toEqual([
    { offset: 0, what: 'message', customer: 'user_1', state: 'plain' },
  ]);
});
