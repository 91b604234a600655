/** The way of one ride through the whole system. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';

let it: TestSystem;
beforeAll(async () => {
  it = await startTestSystem({ analytics: { PRINT_EVERY: '1' } }, { env: { EMAIL_DOMAIN: 'corp.example' } });
});
afterAll(() => it?.stop());

const location = { lat: 12.97, long: 77.59 };

/** How many rides are counted, once every decision that the log has read is. */
const countedSoFar = () =>
  eventually(async () => {
    const { rides } = (await it.stats()).overall;
    expect(rides).toBe(it.log.on('ride_confirmed').filter(({ value }) => value?.customer_id).length);
    return rides;
  });
/** The mail about a ride, once the log has read its decision, too. */
const mailAbout = (id: string) =>
  eventually(() => {
    one(it.log.on('ride_confirmed').filter(({ value }) => value?.id === id));
    return one(it.mailbox.about(id));
  });

test('a ride goes from the request to a confirmation, one mail and one count', async () => {
  const counted = await countedSoFar();
  const { id, stored } = await it.book({ customer_id: 'user_1', location });
  const ride = await eventually(async () => {
    const ride = await it.ride(id);
    expect(ride).toMatchObject({
      status: 'confirmed',
      alloted_driver: expect.stringMatching(/^driver_\d+$/),
    });
    return ride;
  });

  const asked = await eventually(() =>
    one(it.log.on('ride_details').filter(({ value }) => value?.id === id)),
  );
  expect(asked).toMatchObject({ key: 'user_1', partition: stored.partition, offset: stored.offset });
  const decided = await eventually(() =>
    one(it.log.on('ride_confirmed').filter(({ value }) => value?.id === id)),
  );
  expect(decided).toMatchObject({
    key: 'user_1',
    partition: asked.partition, // a message keeps its partition on its whole way
    headers: {
      ce_type: 'rideflow.ride.decided',
      ce_cause: `ride_details/${stored.partition}/${stored.offset}`,
      ce_causeid: asked.headers.ce_id,
    },
  });
  expect(decided.headers.traceparent?.slice(0, 35)).toBe(asked.headers.traceparent?.slice(0, 35));

  const mail = await eventually(() => one(it.mailbox.about(id)));
  expect(mail.to).toBe('user_1@corp.example');
  expect(mail.text).toContain(ride.alloted_driver);
  await eventually(async () => expect((await it.stats()).overall.rides).toBe(counted + 1));
});

test('a declined payment is a rejected ride, with a mail that says why and its own count', async () => {
  const before = await it.stats();
  const { id } = await it.book({ customer_id: 'user_2', location, payment_token: 'tok_declined' });
  await eventually(async () => {
    expect(await it.ride(id)).toMatchObject({ status: 'rejected', reason: 'The payment was declined.' });
  });
  const mail = await eventually(() => one(it.mailbox.about(id)));
  expect(mail.text).toContain('The payment was declined.');
  await eventually(async () => expect((await it.stats()).overall.rejected).toBe(before.overall.rejected + 1));
  expect(it.log.on('ride_details.transaction.dlq')).toHaveLength(0);
});

test('a flaky payment is retried until it is paid, and later rides of the customer wait for it', async () => {
  const retries = () => it.metric('transaction', /^rideflow_retries_total/);
  const before = await retries();
  const flaky = await it.book({ customer_id: 'user_3', location, payment_token: 'tok_flaky' });
  const next = await it.book({ customer_id: 'user_3', location });
  const [first, second] = await eventually(() => {
    const decided = it.log.on('ride_confirmed').filter(({ value }) => value?.customer_id === 'user_3');
    expect(decided).toHaveLength(2);
    return decided;
  });
  expect(first?.value).toMatchObject({ id: flaky.id, status: 'confirmed', payment_status: 'paid' });
  expect(second?.value).toMatchObject({ id: next.id });
  expect(await retries()).toBe(before + 2);
});

test('an unreadable message is parked with the reason, and the reader continues', async () => {
  await it.log.write(
    'ride_details',
    { key: 'x', value: 'not json' },
    { key: 'x', value: '{"id":1}' },
    { key: 'x', value: null },
  );
  const parked = await eventually(() => {
    const parked = it.log.on('ride_details.transaction.dlq');
    expect(parked).toHaveLength(3);
    return parked;
  });
  expect(parked[0]).toMatchObject({
    key: 'x',
    text: 'not json',
    headers: {
      dead_letter_by: 'transaction',
      dead_letter_from: expect.stringMatching(/^ride_details\/\d\/\d+$/),
    },
  });
  expect(parked[1]?.headers.dead_letter_reason).toMatch(/customer_id/);

  await it.log.write('ride_confirmed', { key: 'x', value: '{"status":"perhaps"}' });
  await eventually(() => {
    expect(one(it.log.on('ride_confirmed.email.dlq')).headers.dead_letter_reason).toMatch(/status/);
    expect(one(it.log.on('ride_confirmed.analytics.dlq')).headers.dead_letter_by).toBe('analytics');
  });
  const { id } = await it.book({ customer_id: 'x', location });
  await mailAbout(id);
});

test('a mail address that the server permanently rejects is a dead letter of email, and the ride still counts', async () => {
  it.mailbox.refuse = (to) => (to === 'nobody@example.com' ? { code: 550, message: 'no such user' } : null);
  const counted = await countedSoFar();
  const { id } = await it.book({ customer_id: 'user_4', location, customer_email: 'nobody@example.com' });
  await eventually(() => {
    const parked = it.log.on('ride_confirmed.email.dlq').filter(({ value }) => value?.id === id);
    expect(one(parked).headers.dead_letter_reason).toMatch(/550.*no such user/);
  });
  await eventually(async () => expect((await it.stats()).overall.rides).toBe(counted + 1));
});

test('a mail server that is busy gets the mail later', async () => {
  let busy = 2;
  it.mailbox.refuse = () => (busy-- > 0 ? { code: 451, message: 'try again later' } : null);
  const { id } = await it.book({ customer_id: 'user_5', location });
  await mailAbout(id);
  expect(busy).toBeLessThan(0);
});

test('scripts of the public tutorials can replace any service', async () => {
  const counted = await countedSoFar();
  // In place of rides: a whole number for an id, the location as text, no key, no headers.
  await it.log.write('ride_details', {
    value: JSON.stringify({ id: 7, customer_id: 'tutorial_1', location: 'Lat: 12.97, Long: 77.59' }),
  });
  const decided = await eventually(() =>
    one(it.log.on('ride_confirmed').filter(({ value }) => value?.customer_id === 'tutorial_1')),
  );
  expect(decided.value).toMatchObject({ id: '7', location, status: 'confirmed' });
  // In place of transaction: no id, no status, the minutes as text only.
  await it.log.write('ride_confirmed', {
    value: JSON.stringify({
      customer_id: 'tutorial_2',
      customer_email: 'tutorial_2@example.org',
      alloted_driver: 'driver_9',
      pickup_time: '12mins',
    }),
  });
  await eventually(() => {
    expect(one(it.mailbox.mails.filter(({ to }) => to === 'tutorial_1@corp.example')).text).toContain(
      String(decided.value?.alloted_driver),
    );
    expect(one(it.mailbox.mails.filter(({ to }) => to === 'tutorial_2@example.org')).text).toContain(
      'driver_9',
    );
  });
  await eventually(async () => expect((await it.stats()).overall.rides).toBe(counted + 2));
});

test('the API shows the address that the mail went to, even if a tutorial’s script leaves it out', async () => {
  const mailedTo = (id: string) => eventually(() => one(it.mailbox.about(id).map(({ to }) => to)));
  // Left out in place of rides: transaction settles it.
  await it.log.write('ride_details', {
    value: JSON.stringify({ id: 'no-address-1', customer_id: 'tutorial_3' }),
  });
  expect(await mailedTo('no-address-1')).toBe('tutorial_3@corp.example');
  await eventually(async () =>
    expect(await it.ride('no-address-1')).toMatchObject({
      status: 'confirmed',
      customer_email: 'tutorial_3@corp.example',
    }),
  );
  // Left out in place of transaction: email settles it.
  const outcome = { customer_id: 'tutorial_4', alloted_driver: 'driver_9', pickup_time: '12mins' };
  await it.log.write('ride_confirmed', { value: JSON.stringify({ id: 'no-address-2', ...outcome }) });
  expect(await mailedTo('no-address-2')).toBe('tutorial_4@corp.example');
  await eventually(async () =>
    expect(await it.ride('no-address-2')).toMatchObject({ customer_email: 'tutorial_4@corp.example' }),
  );
});

test('a customer with an internationalized domain gets the mail', async () => {
  const { id } = await it.book({ customer_id: 'user_6', location, customer_email: 'info@пример.рф' });
  const mail = await eventually(() => one(it.mailbox.about(id)));
  expect(mail.to).toBe('info@пример.рф'); // as the test's mail server shows what it was given in ASCII
  expect(await it.ride(id)).toMatchObject({ customer_email: 'info@xn--e1afmkfd.xn--p1ai' });
});

test('after the last ride no group has a lag, as other tools calculate it: aborted records and markers take offsets too', async () => {
  const { id } = await it.book({ customer_id: 'user_7', location });
  await eventually(() => expect(it.mailbox.about(id)).toHaveLength(1));
  const kafka = new Kafka({ brokers: it.broker.brokers, logLevel: logLevel.NOTHING });
  const inputs = { transaction: 'ride_details', email: 'ride_confirmed', analytics: 'ride_confirmed' };
  const producer = kafka.producer({ transactionalId: 'gives-up', idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  for (const topic of new Set(Object.values(inputs)))
    await transaction.send({ topic, messages: [{ partition: 0, value: 'never was' }] });
  await transaction.abort();
  await producer.disconnect();
  const admin = kafka.admin();
  await admin.connect();
  for (const [groupId, topic] of Object.entries(inputs))
    await eventually(async () => {
      const ends = (await admin.fetchTopicOffsets(topic)).filter(({ high }) => high !== '0');
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const behind = ends.map(({ partition, high }) => {
        const offset = committed?.partitions.find((one) => one.partition === partition)?.offset;
        return [groupId, partition, Number(high) - Number(offset)];
      });
      expect(behind).toEqual(ends.map(({ partition }) => [groupId, partition, 0]));
    });
  await admin.disconnect();
});

test('every N rides the running figures are printed', async () => {
  await eventually(() =>
    expect(it.lines.some((line) => /^analytics .*"msg":".*\d+ rides/.test(line))).toBe(true),
  );
});

function one<T>(list: T[]): T {
  expect(list).toHaveLength(1);
  return list[0] as T;
}
