/** What a read-committed reader may see, whoever writes side by side. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { useBroker } from '../../test/support/broker.ts';
import { TopicLog } from './log.ts';

const broker = useBroker();
const topic = 'ride_confirmed';
let kafka: Kafka;
let log: TopicLog;
const producers: Producer[] = [];
beforeAll(async () => {
  kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  log = new TopicLog(broker.brokers);
  await log.open([topic], ['there.is.none']);
});
afterAll(async () => {
  await log?.close();
  for (const producer of producers) await producer.disconnect();
});

async function begin(id: string) {
  const producer = kafka.producer({ transactionalId: id, idempotent: true, maxInFlightRequests: 1 });
  producers.push(producer);
  await producer.connect();
  const transaction = await producer.transaction();
  const write = (value: string, key: Buffer | null = null) =>
    transaction.send({ topic, messages: [{ partition: 0, key, value }] });
  return { write, commit: () => transaction.commit(), abort: () => transaction.abort() };
}

/** The values in partition 0 that came since the last call. */
let from: Map<number, number>;
async function values(): Promise<string[]> {
  const found: string[] = [];
  await log.read(topic, from, await log.ends(topic), (_partition, { value }) => found.push(String(value)));
  return found;
}

test('committed records are seen once and aborted records never, even if transactions overlap', async () => {
  from = await log.starts(topic);
  expect(from).toEqual(new Map([0, 1, 2].map((partition) => [partition, 0])));
  const [a, b, c] = [await begin('a'), await begin('b'), await begin('c')];
  for (const i of [1, 2, 3]) {
    await a.write(`a${i} aborted`);
    await b.write(`b${i} aborted`, Buffer.alloc(4)); // a key that looks like a marker
    await c.write(`c${i}`);
  }
  await b.abort();
  await a.write('a4 aborted');
  await a.abort();
  await c.commit();
  expect(await values()).toEqual(['c1', 'c2', 'c3']);
  expect(await values()).toEqual([]);
});

test('a transaction that is open is waited for', async () => {
  const open = await begin('d');
  await open.write('d');
  const reading = values();
  await open.commit();
  expect(await reading).toEqual(['d']);
});

test('a missing required topic is named, and a missing optional topic is empty', async () => {
  expect(await log.ends('there.is.none')).toEqual(new Map());
  const other = new TopicLog(broker.brokers);
  await expect(other.open(['there.is.none'], [])).rejects.toThrow('there is no topic there.is.none');
  await other.close();
});

test('a group that has committed nothing is at the start', async () => {
  expect(await log.committed('nobody', topic)).toEqual(new Map());
});
