/** The traces of rides as a collector gets them, and the log lines about rides. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWorkbench } from '@rideflow/shared/dead-letters/workbench.ts';
import { Kafka, logLevel } from 'kafkajs';
import { toolClient } from '../infra/dlq/client.ts';
import { setFields } from '../infra/dlq/edit.ts';
import { type Collector, drawn, startCollector } from './support/collector.ts';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';

let collector: Collector;
let it: TestSystem;
beforeAll(async () => {
  collector = await startCollector();
  it = await startTestSystem(
    {},
    {
      env: {
        ADMIN: 'on',
        LOG_LEVEL: 'debug',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-token=a%20secret',
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
    },
  );
});
afterAll(async () => {
  await it?.stop();
  await collector?.stop();
});

const location = { lat: 12.97, long: 77.59 };
const caller = '00f067aa0ba902b7';
let made = 0;
/** Books a ride with a trace of its own. @returns the ride and the trace id */
async function book(more: object = {}) {
  const traceId = (++made).toString(16).padStart(32, 'a');
  const response = await fetch(`${it.system.url('rides')}/rides`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${caller}-01` },
    body: JSON.stringify({ customer_id: `traced_${made}`, location, ...more }),
  });
  const { ride, stored } = (await response.json()) as {
    ride: { id: string };
    stored: { partition: number; offset: string };
  };
  return { id: ride.id, stored, traceId };
}
/** The batches in which a decision is counted and mailed. */
const effects = `analytics poll ride_confirmed → transaction create ride_confirmed
  analytics process ride_confirmed → transaction create ride_confirmed
  analytics store
  analytics commit ride_confirmed
email poll ride_confirmed → transaction create ride_confirmed
  email process ride_confirmed → transaction create ride_confirmed
  email commit ride_confirmed`;
/** What the collector knows of a trace, once it is this. */
const expectTrace = (traceId: string, expected: string) =>
  eventually(() => expect(`\n${drawn(collector.spans, traceId)}\n`).toBe(expected));
const spansOf = (id: string, name: string) =>
  collector.spans.filter((span) => span.name === name && span.attributes['messaging.message.id'] === id);

test('a ride is one trace from the request to the decision, and each batch is a trace of its own with links to it', async () => {
  const { id, traceId, stored } = await book();
  await expectTrace(
    traceId,
    `
rides POST /rides
  rides send ride_details
    transaction create ride_confirmed → transaction process ride_details
${effects}
transaction poll ride_details → rides send ride_details
  transaction process ride_details → rides send ride_details
  transaction transaction
    transaction begin transaction
    transaction send ride_confirmed → transaction create ride_confirmed
    transaction commit ride_details
    transaction commit transaction
`,
  );
  const [mail] = it.mailbox.about(id);
  expect(mail?.traceparent?.slice(0, 36)).toBe(`00-${traceId}-`); // the trace goes on in the mail
  expect(collector.headers['x-token']).toBe('a secret');
  const [process] = spansOf(id, 'process ride_details');
  expect(process).toMatchObject({
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'ride_details',
      'messaging.destination.partition.id': String(stored.partition),
      'messaging.consumer.group.name': 'transaction',
      'messaging.client.id': process?.instance,
      'messaging.kafka.offset': Number(stored.offset),
      'messaging.kafka.message.key': `traced_${made}`,
      'rideflow.attempt': 1,
      'rideflow.outcome': 'done',
      'rideflow.ride.id': id,
    },
  });
  // A reader of decisions sees how long each was behind its open transaction.
  expect(spansOf(id, 'process ride_confirmed')).toHaveLength(2);
  for (const { attributes } of spansOf(id, 'process ride_confirmed'))
    expect(attributes['rideflow.hidden_by_transaction_ms']).toBeGreaterThanOrEqual(0);
});

/** The query of infra/README.md: the log lines about a ride, of all services. */
const linesAbout = (id: string) =>
  it.lines
    .map((line) => /^\S+ (\{.*\})$/.exec(line)?.[1])
    .filter((line) => line !== undefined)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ ride }) => ride === id);

test('one query shows a ride in the logs of all services, with its trace and its coordinates', async () => {
  const { id, traceId, stored } = await book();
  const decided = await eventually(() => {
    const [entry] = it.log.on('ride_confirmed').filter(({ value }) => value?.id === id);
    if (!entry) throw new Error('it is not decided yet');
    return { topic: 'ride_confirmed', partition: entry.partition, offset: entry.offset };
  });
  const asked = { topic: 'ride_details', partition: stored.partition, offset: stored.offset };
  await eventually(() => {
    const lines = linesAbout(id).map(({ service, msg, topic, partition, offset, trace_id }) => ({
      line: `${service}: ${msg}`,
      at: { topic, partition, offset },
      trace_id,
    }));
    expect(lines.sort((a, b) => a.line.localeCompare(b.line))).toEqual([
      { line: 'analytics: handled', at: decided, trace_id: traceId },
      { line: 'email: handled', at: decided, trace_id: traceId },
      { line: 'rides: stored', at: asked, trace_id: traceId },
      { line: 'transaction: handled', at: asked, trace_id: traceId },
    ]);
  });
});

/** The current process of transaction. */
const transactionNow = () => collector.spans.findLast(({ service }) => service === 'transaction')?.instance;
const administer = async (what: string, method: string, body?: object) => {
  const response = await fetch(`${it.system.url('transaction')}/admin/${what}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.json() as Promise<{ held?: { where: string }[] }>;
};

test('a ride whose process is killed is handled again: the next process aborts the open transaction, and links to the same ride', async () => {
  const killed = transactionNow();
  await administer('crash-point', 'PUT', { at: 'after-produce' });
  const { id, traceId, stored } = await book();
  await eventually(async () => expect(await it.ride(id)).toMatchObject({ status: 'confirmed' }));
  // What the killed process had not sent is gone with it, so what is known of it depends on the moment.
  const known = () => collector.spans.filter(({ instance }) => instance !== killed);
  await eventually(() =>
    expect(`\n${drawn(known(), traceId)}\n`).toContain(`
transaction poll ride_details → rides send ride_details
  transaction process ride_details → rides send ride_details
  transaction transaction
    transaction begin transaction
    transaction send ride_confirmed → transaction create ride_confirmed
    transaction commit ride_details
    transaction commit transaction
`),
  );
  await eventually(() =>
    expect(known()).toContainEqual(
      expect.objectContaining({
        name: 'abort transaction',
        attributes: expect.objectContaining({
          'rideflow.transactional_id': `transaction/ride_details/${stored.partition}`,
        }),
      }),
    ),
  );
  const ended = collector.spans.filter(({ instance, name }) => instance === killed && name === 'transaction');
  expect(ended.every(({ links }) => links.every((link) => link.traceId !== traceId))).toBe(true);
});

test('an aborted transaction is a failed span, and so is the message in it that no reader ever sees', async () => {
  await administer('pace', 'PUT', { step: true });
  const { traceId, stored } = await book();
  const isHeld = (where: string) =>
    eventually(async () => expect((await administer('pace', 'GET')).held).toMatchObject([{ where }]));
  await isHeld('before its handling');
  await administer('step', 'POST');
  await isHeld('in the open transaction');
  const successor = new Kafka({ brokers: it.broker.brokers, logLevel: logLevel.NOTHING }).producer({
    transactionalId: `transaction/ride_details/${stored.partition}`,
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await successor.connect();
  await (await successor.transaction()).abort();
  await successor.disconnect();
  await administer('pace', 'PUT', { step: false });
  await eventually(() => {
    const tree = `\n${drawn(collector.spans, traceId)}\n`;
    expect(tree).toContain(`
rides POST /rides
  rides send ride_details
    transaction create ride_confirmed !INVALID_PRODUCER_EPOCH → transaction process ride_details
    transaction create ride_confirmed → transaction process ride_details
`);
    expect(tree).toContain(`
transaction poll ride_details → rides send ride_details
  transaction process ride_details → rides send ride_details
  transaction transaction !INVALID_PRODUCER_EPOCH
    transaction begin transaction
    transaction send ride_confirmed → transaction create ride_confirmed
    transaction commit ride_details !INVALID_PRODUCER_EPOCH
`);
    expect(tree).toContain(`
transaction poll ride_details → rides send ride_details
  transaction process ride_details → rides send ride_details
  transaction transaction
    transaction begin transaction
    transaction send ride_confirmed → transaction create ride_confirmed
    transaction commit ride_details
    transaction commit transaction
`);
  });
});

test('a dead letter and its replay are in one trace, and the replay says where it comes from', async () => {
  const [id, traceId] = [randomUUID(), 'd'.repeat(32)];
  const value = JSON.stringify({ id, customer_id: 'traced_poison', location: { lat: 1297, long: 77.59 } });
  const headers = { ce_id: id, traceparent: `00-${traceId}-${caller}-01` };
  await it.log.write('ride_details', { key: 'traced_poison', value, headers });
  const parking = `
transaction poll ride_details → a span from elsewhere
  transaction process ride_details !Unprocessable → a span from elsewhere
  transaction transaction
    transaction begin transaction
    transaction send ride_details.transaction.dlq → a span from elsewhere
    transaction commit ride_details
    transaction commit transaction
`;
  await expectTrace(traceId, parking);
  const letter = await eventually(() => {
    const found = it.log.on('ride_details.transaction.dlq').find((entry) => entry.value?.id === id);
    if (!found) throw new Error('it is not parked yet');
    return `${found.topic}/${found.partition}/${found.offset}`;
  });
  await eventually(() =>
    expect(linesAbout(id)).toMatchObject([
      { service: 'transaction', msg: 'dead letter', trace_id: traceId, topic: 'ride_details' },
    ]),
  );
  const workbench = await openWorkbench(toolClient('dlq', {}, it.broker.brokers.join()));
  await workbench.replay([letter], { change: setFields(['location.lat=12.97']) });
  await workbench.close();
  await expectTrace(
    traceId,
    `
transaction create ride_confirmed → transaction process ride_details
${effects}${parking}transaction poll ride_details → a span from elsewhere
  transaction process ride_details → a span from elsewhere
  transaction transaction
    transaction begin transaction
    transaction send ride_confirmed → transaction create ride_confirmed
    transaction commit ride_details
    transaction commit transaction
`,
  );
  const processed = spansOf(id, 'process ride_details').map(({ attributes, error }) => ({
    from: attributes['rideflow.replayed_from'],
    outcome: attributes['rideflow.outcome'],
    failed: error !== undefined,
  }));
  expect(processed).toEqual([
    { from: undefined, outcome: 'dead letter', failed: true },
    { from: letter, outcome: 'done', failed: false },
  ]);
});

test('a collector that does not answer delays no ride', async () => {
  collector.answer = 0;
  try {
    const { id } = await book();
    await eventually(() => expect(it.mailbox.about(id)).toHaveLength(1));
  } finally {
    collector.release();
  }
});
