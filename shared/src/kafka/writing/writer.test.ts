import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Kafka, type Producer, type ProducerBatch } from 'kafkajs';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../../test/support/faults.ts';
import type { Entry } from '../../../../test/support/log.ts';
import { testService } from '../../../../test/support/service.ts';
import type { OutgoingRecord } from './records.ts';
import { Writer } from './writer.ts';

const topic = 'ride_details';
const it = useBroker();
let faults: Faults;
beforeAll(() => {
  faults = injectFaults();
});
afterAll(() => faults.remove());
const writers: Writer[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  faults.heal();
  for (const writer of writers.splice(0)) await writer.stop(0);
});

function aWriter() {
  const service = testService('rides', it.brokers);
  const writer = new Writer(service);
  writers.push(writer);
  return { writer, service };
}
const aRecord = (partition: number, value: string): OutgoingRecord => ({
  topic,
  partition,
  key: 'user_1',
  value,
  headers: { ce_id: value },
});
/** `<name>-0`, `<name>-1`, ... over three partitions. */
const records = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => aRecord(n % 3, `${name}-${n}`));
/** What is on the log under a name, as soon as it is at least so much. */
const written = (name: string, count: number): Promise<Entry[]> =>
  eventually(() => {
    const found = it.log.on(topic).filter(({ text }) => text.startsWith(`${name}-`));
    expect(found.length).toBeGreaterThanOrEqual(count);
    return found;
  });
/** Per partition the numbers that were written, in the order of the log. */
function numbers(entries: Entry[]): number[][] {
  const perPartition: number[][] = [[], [], []];
  for (const { partition, text } of entries) perPartition[partition]?.push(Number(text.split('-').at(-1)));
  return perPartition;
}
const inOrder = (count: number) =>
  [0, 1, 2].map((partition) => Array.from({ length: count }, (_, n) => n).filter((n) => n % 3 === partition));

/** Lets a test look at, or fail, what the producer sends. */
function onSend(wrap: (send: Producer['sendBatch']) => Producer['sendBatch']) {
  const create = Kafka.prototype.producer;
  const producers: Producer[] = [];
  jest.spyOn(Kafka.prototype, 'producer').mockImplementation(function (this: Kafka, config) {
    const producer = create.call(this, config);
    producer.sendBatch = wrap(producer.sendBatch);
    producers.push(producer);
    return producer;
  });
  return producers;
}

const onlyPartition0 = ({ topicMessages = [] }: ProducerBatch) =>
  topicMessages.map(({ topic, messages }) => ({
    topic,
    messages: messages.filter(({ partition }) => partition === 0),
  }));

test('many writes at once keep their order, learn their offsets, and leave in few flushes, one at a time', async () => {
  let flushes = 0;
  let inFlight = 0;
  let most = 0;
  onSend((send) => async (batch) => {
    flushes++;
    most = Math.max(most, ++inFlight);
    return send(batch).finally(() => inFlight--);
  });
  const { writer } = aWriter();
  const all = records('many', 2000);
  const offsets = await Promise.all(all.map((record) => writer.write(record)));

  const entries = await written('many', 2000);
  expect(numbers(entries)).toEqual(inOrder(2000));
  const where = new Map(entries.map(({ text, partition, offset }) => [text, `${partition}/${offset}`]));
  expect(
    all.map(({ value, partition }, n) => `${partition}/${offsets[n]}` === where.get(String(value))),
  ).not.toContain(false);
  expect(flushes).toBe(4); // of 500 each
  expect(most).toBe(1);
  expect(writer).toMatchObject({ queued: 0, queuedBytes: 0, waitingFor: 0 });
});

test('the expected wait of a record follows from the last flush and the queue', async () => {
  const gates: (() => void)[] = [];
  onSend((send) => async (batch) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return send(batch);
  });
  const { writer } = aWriter();
  expect(writer.delay).toBe(0);
  const all = [...records('delay', 600)].map((record) => writer.write(record));
  await eventually(() => expect(writer.waitingFor).toBeGreaterThan(100));
  gates[0]?.();
  await eventually(() => expect(gates).toHaveLength(2));
  // The second flush has just begun, and nothing waits for a third one.
  expect(writer.delay).toBeGreaterThan(150 - writer.waitingFor);
  const before = writer.delay;
  all.push(...records('queued', 1000).map((record) => writer.write(record)));
  expect(writer.delay).toBeGreaterThan(before + 150);
  for (let flush = 1; flush < 4; flush++) {
    await eventually(() => expect(gates.length).toBeGreaterThan(flush));
    gates[flush]?.();
  }
  await Promise.all(all);
  expect(writer.delay).toBe(0);
});

test('large records leave in flushes that Kafka takes', async () => {
  const { writer } = aWriter();
  const filler = 'x'.repeat(300_000);
  const offsets = await Promise.all(
    Array.from({ length: 9 }, (_, n) => writer.write(aRecord(0, `large-${filler}-${n}`))),
  );
  expect(offsets.map((offset) => Number(offset) - Number(offsets[0]))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test.each(['request', 'answer'] as const)('a lost %s is sent again, in order, once', async (lose) => {
  const { writer } = aWriter();
  await writer.write(aRecord(0, `${lose}-before`));
  const lost = faults.loseOne(lose, 'Produce', 'rides');
  const offsets = Promise.all(records(lose, 1200).map((record) => writer.write(record)));
  await lost;
  await offsets;
  const entries = await written(lose, 1201);
  expect(numbers(entries.filter(({ text }) => !text.endsWith('before')))).toEqual(inOrder(1200));
});

test('a flush whose answer was lost is recognised, however long Kafka is unavailable', async () => {
  const { writer } = aWriter();
  const lost = faults.loseOne('answer', 'Produce', 'rides').then(() => faults.cut());
  const offsets = Promise.all(records('away', 300).map((record) => writer.write(record)));
  await lost;
  await eventually(() => expect(faults.refused()).toBeGreaterThanOrEqual(8)); // kafkajs gives up after 5 by default
  faults.heal();
  await offsets;
  expect(numbers(await written('away', 300))).toEqual(inOrder(300));
});

test('a failed producer is replaced, and records that it may not have written are sent again', async () => {
  let failures = 2;
  const producers = onSend((send) => async (batch) => {
    if (failures-- > 0) throw new Error('retries used up');
    return send(batch);
  });
  const { writer, service } = aWriter();
  await Promise.all(records('replaced', 900).map((record) => writer.write(record)));
  expect(numbers(await written('replaced', 900))).toEqual(inOrder(900));
  expect(producers).toHaveLength(3); // two that failed, one that went on
  expect(service.lines.filter(({ msg }) => /with a new producer/.test(String(msg)))).toHaveLength(2);
});

test('an answer that leaves out a partition is not an acknowledgement', async () => {
  let forgets = true;
  const producers = onSend((send) => async (batch) => {
    const answers = await send(forgets ? { ...batch, topicMessages: onlyPartition0(batch) } : batch);
    forgets = false;
    return answers;
  });
  const { writer } = aWriter();
  await Promise.all([0, 1].map((partition) => writer.write(aRecord(partition, `forgotten-${partition}`))));
  expect(producers).toHaveLength(2);
  const entries = await written('forgotten', 3); // what was acknowledged is repeated, under its one identity
  expect(entries.filter(({ partition }) => partition === 1)).toHaveLength(1);
});

test('a failure after Kafka stored a flush repeats it, and loses and reorders nothing', async () => {
  let failed = false;
  onSend((send) => async (batch) => {
    const answer = await send(batch);
    if (failed) return answer;
    failed = true;
    throw new Error('the answer was lost');
  });
  const { writer } = aWriter();
  const all = records('repeated', 900);
  const offsets = await Promise.all(all.map((record) => writer.write(record)));
  const entries = await written('repeated', 1400);
  expect(numbers(entries.slice(-900)).map((list) => list.slice(-300))).toEqual(inOrder(900));
  expect(new Set(entries.map(({ text }) => text)).size).toBe(900);
  // The offsets are those of the copies that were acknowledged.
  const last = new Map(entries.map(({ text, partition, offset }) => [text, `${partition}/${offset}`]));
  expect(`${all[0]?.partition}/${offsets[0]}`).toBe(last.get('repeated-0'));
});

test('writes continue after the broker is killed and started again', async () => {
  const { writer } = aWriter();
  const all = records('killed', 3000);
  const first = Promise.all(all.slice(0, 1500).map((record) => writer.write(record)));
  const killed = it.kill(0);
  const second = Promise.all(all.slice(1500).map((record) => writer.write(record)));
  await killed;
  await it.restart(0);
  await Promise.all([first, second]);
  expect(numbers(await written('killed', 3000))).toEqual(inOrder(3000));
});

test('a writer that stops flushes its queue', async () => {
  const { writer } = aWriter();
  const offsets = Promise.all(records('stopped', 700).map((record) => writer.write(record)));
  await writer.stop();
  expect(await offsets).toHaveLength(700);
  expect(numbers(await written('stopped', 700))).toEqual(inOrder(700));
  await expect(writer.write(aRecord(0, 'late'))).rejects.toThrow('the writer has stopped');
});

test('a writer that stops while Kafka is silent reports an unknown outcome for every record', async () => {
  const { writer } = aWriter();
  await writer.start();
  faults.silence('Produce', 'rides');
  const outcomes = Promise.allSettled(records('unknown', 600).map((record) => writer.write(record)));
  await writer.stop(100);
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { message: 'stopped before Kafka acknowledged' },
    });
});

test('a writer that never reached Kafka stops anyway', async () => {
  faults.cut();
  const { writer } = aWriter();
  const outcome = Promise.allSettled([writer.write(aRecord(0, 'nowhere'))]);
  await writer.stop(100);
  expect(await outcome).toMatchObject([{ status: 'rejected' }]);
});
