import { expect, test } from '@jest/globals';
import type { FeedEntry } from '@rideflow/shared/feed.ts';
import { record } from './observe/fixtures.ts';
import { glance } from './observe/glance.ts';
import type { SeenMail } from './observe/mails.ts';
import { Recent } from './observe/recent.ts';
import type { WatchedRecord } from './observe/watched.ts';
import { type Sources, tellMarker, tellRide } from './story.ts';

function aRide(heard = true, committed = -1, mails: SeenMail[] | null = null) {
  const recent = new Recent(100);
  const sources: Sources = {
    recent,
    heard: () => heard,
    lost: () => false,
    expired: () => false,
    overtaken: () => undefined,
    mails: () => mails,
    committed: () => committed,
  };
  const write = (topic: string, offset: number, value: object, more: Partial<WatchedRecord> = {}) => {
    const it = record(offset, value, more);
    return recent.add(glance(topic, 0, it), it);
  };
  const tell = (
    service: string,
    topic: string,
    offset: number,
    entry: Partial<FeedEntry>,
    guarantee: string | null = null,
  ) =>
    recent.tell(
      {
        topic,
        partition: 0,
        offset: String(offset),
        ride: 'r1',
        attempt: 1,
        at: 2000,
        what: 'done',
        ...entry,
      },
      service,
      `${service}-1`,
      guarantee,
    );
  const request = () =>
    write(
      'ride_details',
      0,
      { id: 'r1', customer_id: 'user_1', requested_at: '1970-01-01T00:00:00.990Z' },
      {
        headers: { ce_id: 'r1' },
      },
    );
  const decision = (offset: number, more: Partial<WatchedRecord> = {}) =>
    write(
      'ride_confirmed',
      offset,
      { id: 'r1', status: 'confirmed', alloted_driver: 'driver_4', pickup_minutes: 9 },
      {
        headers: { ce_cause: 'ride_details/0/0', ce_causeid: 'r1' },
        ...more,
      },
    );
  const story = () => tellRide('r1', recent.ofRide('r1'), sources);
  const steps = () => story().steps.map(({ state, name }) => `${state} ${name}`);
  return { recent, sources, write, tell, request, decision, story, steps };
}

test('a ride that is only stored waits for its decision', () => {
  const { request, steps } = aRide();
  request();
  expect(steps()).toEqual(['done received', 'done stored', 'waiting decided']);
});

test('a decision in an open transaction is open, and what comes after the commit waits', () => {
  const { request, decision, steps } = aRide();
  request();
  decision(3, { producer: 'p' });
  expect(steps()).toEqual([
    'done received',
    'done stored',
    'open decided',
    'waiting counted',
    'waiting mailed',
  ]);
});

test('an aborted decision ends there, and the next one counts', () => {
  const { recent, request, decision, steps } = aRide();
  request();
  const first = decision(3, { producer: 'p' });
  recent.end(first.glance, 'aborted', 1500);
  const second = decision(5, { producer: 'q', timestamp: 1600 });
  recent.end(second.glance, 'committed', 1700);
  expect(steps().filter((step) => !step.startsWith('waiting'))).toEqual([
    'done received',
    'done stored',
    'done decided',
    'done aborted',
    'done decided',
    'done committed',
  ]);
});

test('a process that Kafka fences is said to be fenced, with the answer of Kafka, and does not wait', () => {
  const { recent, sources, tell, request, decision } = aRide();
  request();
  recent.end(decision(3, { producer: 'p' }).glance, 'aborted', 1500);
  recent.end(decision(5, { producer: 'q', timestamp: 1600 }).glance, 'committed', 1700);
  const reason = 'the transaction failed: Producer attempted an operation with an old epoch';
  tell('transaction', 'ride_details', 0, { what: 'retry', reason, error: 'INVALID_PRODUCER_EPOCH' });
  tell('transaction', 'ride_details', 0, { what: 'retry', reason: 'the bank is busy', at: 3000 });
  const { steps } = tellRide('r1', recent.ofRide('r1'), sources);
  const told = steps.flatMap(({ by, name, text }) => (by ? [`${name} ${text}`] : []));
  expect(told).toEqual([
    'fenced Kafka refused its transaction (INVALID_PRODUCER_EPOCH: the epoch of its producer is old): it can commit nothing more with it',
    'retry attempt 1 failed (the bank is busy): its partition waits, in order',
  ]);
});

test('what the services tell stands with its time and its process', () => {
  const { recent, sources, tell, request, decision } = aRide();
  request();
  tell('rides', 'ride_details', 0, { what: 'accepted', since: 995, at: 1003 });
  tell('transaction', 'ride_details', 0, { what: 'read', at: 1005 });
  recent.end(decision(3, { producer: 'p' }).glance, 'committed', 1010);
  tell('email', 'ride_confirmed', 3, { since: 1040, at: 1050 });
  const { steps, summary } = tellRide('r1', recent.ofRide('r1'), sources);
  const of = (name: string) => steps.find((step) => step.name === name);
  expect(of('received')).toMatchObject({
    at: 995,
    by: 'rides-1',
    text: 'over HTTP and answered 202 after 8.0 ms',
  });
  expect(of('read')).toMatchObject({ at: 1005, by: 'transaction-1' });
  expect(of('mailed')).toMatchObject({ at: 1040, by: 'email-1', state: 'done' });
  expect(summary).toBe('confirmed, driver_4 in 9 min');
});

test('a decision stands behind the read of its request, also in the same millisecond', () => {
  const { recent, tell, request, decision, steps } = aRide();
  request();
  tell('transaction', 'ride_details', 0, { what: 'read', at: 1003.4 });
  recent.end(decision(3, { producer: 'p' }).glance, 'committed', 1010); // made at 1003
  expect(steps().slice(2, 5)).toEqual(['done read', 'done decided', 'done committed']);
});

test('what a service did while its feed was not heard is unknown, not guessed', () => {
  const passed = aRide(true, 4);
  passed.request();
  passed.decision(3);
  expect(passed.steps()).toContain('unknown mailed');
  const away = aRide(false);
  away.request();
  away.decision(3);
  expect(away.steps()).toContain('unknown counted');
});

test('a dead letter tells its reason, and its replay goes on from there', () => {
  const { recent, sources, request, write, decision } = aRide();
  request();
  write(
    'ride_details.transaction.dlq',
    0,
    {},
    {
      headers: {
        dead_letter_from: 'ride_details/0/0',
        dead_letter_reason: 'location.lat: too big',
        dead_letter_by: 'transaction',
      },
      timestamp: 1100,
    },
  );
  expect(tellRide('r1', recent.ofRide('r1'), sources)).toMatchObject({
    summary: 'a dead letter: it cannot be processed as it is',
    steps: [
      { name: 'received' },
      { name: 'stored' },
      { name: 'dead letter', text: expect.stringContaining('location.lat: too big') },
    ],
  });
  write(
    'ride_details',
    1,
    { id: 'r1' },
    { headers: { ce_id: 'r1', replay_for: 'transaction' }, timestamp: 1200 },
  );
  decision(3, { headers: { ce_cause: 'ride_details/0/1', ce_causeid: 'r1' }, timestamp: 1300 });
  const { steps } = tellRide('r1', recent.ofRide('r1'), sources);
  expect(steps.map(({ name }) => name).slice(0, 5)).toEqual([
    'received',
    'stored',
    'dead letter',
    'replayed',
    'decided',
  ]);
});

test('each copy of a mail that the mailbox has is a step, whether or not email could tell of it', () => {
  const { request, decision, tell, story } = aRide(true, 9, [{ at: 1400 }, { at: 1900 }]);
  request();
  decision(5);
  tell('email', 'ride_confirmed', 5, { what: 'done', since: 1895, at: 1950 });
  const mailed = story().steps.filter(({ name }) => name === 'mailed');
  expect(mailed.map(({ state, at }) => [state, at])).toEqual([
    ['done', 1400],
    ['done', 1900],
  ]);
  expect(mailed[1]).toMatchObject({
    by: 'email-1',
    text: 'again, under the same Message-ID; then the offset was committed',
  });
  expect(mailed[0]?.text).toContain('was not committed afterwards');
});

test('of a ride that was decided twice, as many mails are told as the mailbox has, each once', () => {
  const { request, decision, tell, story } = aRide(true, 99, [{ at: 1400 }, { at: 7600 }]);
  request();
  const header = { ce_id: 'd1', ce_cause: 'ride_details/0/0', ce_causeid: 'r1' };
  decision(5, { headers: header, timestamp: 1300 });
  const mailed = () =>
    story()
      .steps.filter(({ name }) => name === 'mailed')
      .map(({ at, coordinates, text }) => [at, coordinates, text]);
  decision(6, { headers: header, timestamp: 7500 });
  tell('email', 'ride_confirmed', 5, { what: 'done', at: 1450 }, 'at-least-once');
  tell('email', 'ride_confirmed', 6, { what: 'done', at: 7650 }, 'at-least-once');
  expect(mailed()).toEqual([
    [1400, 'ride_confirmed/0/5', 'the mail server took it, then the offset was committed'],
    [
      7600,
      'ride_confirmed/0/6',
      'again, under the same Message-ID, because the ride was decided twice; then the offset was committed',
    ],
  ]);
});

test('a mail that came before the second decision was written is never its mail', () => {
  const { request, decision, story } = aRide(true, 6, [{ at: 1400 }, { at: 1900 }]);
  request();
  const header = { ce_id: 'd1', ce_cause: 'ride_details/0/0', ce_causeid: 'r1' };
  decision(5, { headers: header, timestamp: 1300 });
  decision(6, { headers: header, timestamp: 7500 });
  const mailed = story().steps.filter(({ name, state }) => name === 'mailed' && state === 'done');
  expect(mailed.map(({ coordinates }) => coordinates)).toEqual(['ride_confirmed/0/5', 'ride_confirmed/0/5']);
});

test('a mail that the server took and did not confirm is told as taken, and not as committed', () => {
  const { request, decision, story } = aRide(true, -1, [{ at: 1400 }]);
  request();
  decision(5);
  expect(story().steps.find(({ name }) => name === 'mailed')?.text).toContain('not committed yet');
});

test('a mail that email has passed and the mailbox does not have is not told as mailed', () => {
  const { request, decision, story } = aRide(true, 9, []);
  request();
  decision(5);
  const mailed = story().steps.find(({ name }) => name === 'mailed');
  expect(mailed).toMatchObject({ state: 'unknown', text: expect.stringContaining('does not have its mail') });
});

test('a message without a key is not said to stay in order', () => {
  const { write, story } = aRide();
  write('ride_details', 0, { id: 'r1' }, { key: null });
  const stored = story().steps.find(({ name }) => name === 'stored');
  expect(stored?.text).toContain('without a key');
  expect(stored?.text).not.toContain('in order');
});

test('a decision in an open transaction is not summed up as if readers had it', () => {
  const { request, decision, story } = aRide();
  request();
  decision(5, { producer: 'p1' });
  expect(story().summary).toBe(
    'in an open transaction, so readers do not see the decision yet: confirmed, driver_4 in 9 min',
  );
});

test('of a request that is decided twice, the read that a dying process did not tell is told too, as unknown', () => {
  const { tell, request, decision, steps } = aRide();
  request();
  decision(3, { timestamp: 1500 });
  tell('transaction', 'ride_details', 0, { what: 'read', at: 2000 });
  decision(4, { timestamp: 2100 });
  expect(steps().filter((step) => /read|decided/.test(step))).toEqual([
    'unknown read',
    'done decided',
    'done read',
    'done decided',
  ]);
});

test('a read that is told before the first decision is told once', () => {
  const { tell, request, decision, steps } = aRide();
  request();
  tell('transaction', 'ride_details', 0, { what: 'read', at: 1500.4 });
  decision(3, { timestamp: 1500 });
  expect(steps().filter((step) => step.endsWith('read'))).toEqual(['done read']);
});

test('a request that is passed and not decided is said to be perhaps lost, and then to be lost', () => {
  const { request, sources, story } = aRide(true, 9);
  request();
  expect(story()).toMatchObject({ summary: 'skipped without a decision: perhaps lost' });
  expect(story().steps.at(-1)?.text).toContain('this page waits: until about 5 s after');
  sources.lost = () => true;
  expect(story()).toMatchObject({ summary: 'lost: nobody will decide it' });
});

test('a request that Kafka deleted before it was decided is told as expired, not as perhaps lost', () => {
  const { request, sources, story } = aRide(true, 9);
  request();
  sources.expired = () => true;
  expect(story()).toMatchObject({ summary: 'expired: Kafka deleted it before it was decided' });
  expect(story().steps.at(-1)).toMatchObject({ name: 'expired', state: 'done' });
});

test('a marker explains itself', () => {
  const told = tellMarker({
    coordinates: 'ride_confirmed/0/6',
    what: 'abort',
    more: 0,
    producer: '1003',
    epoch: 4,
    at: 5000,
    ended: ['ride_confirmed/0/5'],
  });
  expect(told.summary).toContain('an abort marker of producer 1003, epoch 4');
  expect(told.steps.map(({ name, coordinates }) => `${name} ${coordinates}`)).toEqual([
    'marker ride_confirmed/0/6',
    'aborted ride_confirmed/0/5',
  ]);
});

test.each([
  ['email', 'at-least-once', 'the mail server took it, then the offset was committed'],
  ['email', 'at-most-once', 'the offset was committed first, then the mail server took it'],
  ['analytics', 'exactly-once', 'it was stored in one database transaction with the offset'],
  ['analytics', 'at-most-once', 'the offset was committed first, then it was stored'],
])('what %s did first is told by its guarantee, %s', (service, guarantee, text) => {
  const { request, decision, tell, story } = aRide(true, 9);
  request();
  decision(5);
  tell(service, 'ride_confirmed', 5, { what: 'done' }, guarantee);
  const name = service === 'email' ? 'mailed' : 'counted';
  expect(story().steps.find((step) => step.name === name)?.text).toBe(text);
});
