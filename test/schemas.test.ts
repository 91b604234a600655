/** Messages of every published version, through the services as they are; and what they write, through the readers of the version before. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type MessageName, messageNames, messages, published } from '../infra/compat/history.ts';
import { knownFor } from '../infra/compat/known-breaks.ts';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';

let it: TestSystem;
beforeAll(async () => {
  it = await startTestSystem();
});
afterAll(() => it?.stop());

/** Golden messages of a version, each under an id of its own. */
const goldenOf = (message: MessageName) =>
  published(message).flatMap(({ number, golden }) =>
    golden.map(({ key, value }) => ({
      key,
      value: JSON.stringify({ ...value, id: `v${number}-${value.id}` }),
    })),
  );
const idsOf = (list: { value: string }[]) => list.map(({ value }) => JSON.parse(value).id as string).sort();
/** The dead letters of a topic's readers. */
const parked = () => it.log.entries.filter(({ topic }) => topic.endsWith('.dlq'));

test('golden requests of every version are decided, and their decisions mailed', async () => {
  const requests = goldenOf('RideDetails');
  await it.log.write('ride_details', ...requests);
  await eventually(() => {
    const decided = it.log.on('ride_confirmed').map(({ value }) => value?.id as string);
    expect(decided.sort()).toEqual(idsOf(requests));
  });
  await eventually(() => expect(it.mailbox.mails).toHaveLength(requests.length));
  await eventually(async () => expect((await it.stats()).overall.rides).toBe(requests.length));
  expect(parked()).toEqual([]);
});

test('golden decisions of every version are mailed and counted', async () => {
  const [mails, { overall }] = [it.mailbox.mails.length, await it.stats()];
  const decisions = goldenOf('RideConfirmed');
  await it.log.write('ride_confirmed', ...decisions);
  await eventually(() => expect(it.mailbox.mails).toHaveLength(mails + decisions.length));
  await eventually(async () =>
    expect((await it.stats()).overall.rides).toBe(overall.rides + decisions.length),
  );
  expect(parked()).toEqual([]);
});

test('the readers of the version before accept what the services write now', async () => {
  const { id } = await it.book({
    customer_id: 'user_7',
    location: { lat: 12.97, long: 77.59 },
    payment_token: 'tok_declined',
  });
  await eventually(async () => expect((await it.ride(id)).status).toBe('rejected'));
  for (const message of messageNames) {
    const [before] = published(message).slice(-2);
    const refusal = new Ajv2020({ strict: false, validateFormats: false }).compile(before?.reader ?? {});
    const known = knownFor({ message, rule: 'rolling upgrade', version: before?.number ?? 0 });
    const written = it.log
      .on(messages[message].topic)
      .flatMap(({ value }) => (value && !known.some(({ concerns }) => concerns(value)) ? [value] : []));
    expect(written.length).toBeGreaterThan(0);
    for (const value of written)
      expect([value.id, refusal(value), refusal.errors]).toEqual([value.id, true, null]);
  }
});

test('a value of an enum that a reader does not know is parked, and the partition goes on', async () => {
  const { stored } = await it.book({ customer_id: 'user_8', location: { lat: 1, long: 1 } });
  const [golden] = goldenOf('RideConfirmed');
  const unknown = { ...JSON.parse(golden?.value ?? ''), id: 'unknown-status', status: 'cancelled' };
  await it.log.write('ride_confirmed', {
    key: golden?.key ?? null,
    value: JSON.stringify(unknown),
    partition: stored.partition,
  });
  await eventually(() =>
    expect(
      parked()
        .map(({ topic, headers }) => [topic, headers.dead_letter_reason])
        .sort(),
    ).toEqual(
      ['analytics', 'email'].map((name) => [
        `ride_confirmed.${name}.dlq`,
        expect.stringMatching(/^status: .*"confirmed"\|"rejected"/),
      ]),
    ),
  );
  const { id } = await it.book({ customer_id: 'user_8', location: { lat: 1, long: 1 } });
  await eventually(() => expect(it.mailbox.about(id)).toHaveLength(1));
});
