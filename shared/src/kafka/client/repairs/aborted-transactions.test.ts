import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { useBroker } from '../../../../../test/support/broker.ts';
import { eventually } from '../../../../../test/support/eventually.ts';
import { Log } from '../../../../../test/support/log.ts';
import { testService } from '../../../../../test/support/service.ts';
import { readBack } from '../../observing/read-back.ts';
import { connect } from '../connect.ts';

const it = useBroker();
const topic = 'ride_details';
const producers: Producer[] = [];
beforeAll(async () => {
  const kafka = new Kafka({
    brokers: it.brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20 },
  });
  for (const transactionalId of ['first', 'second']) {
    const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    producers.push(producer);
  }
});
afterAll(async () => {
  for (const producer of producers) await producer.disconnect();
});

const send = (partition: number, value: string, key: Buffer | null = null) => ({
  topic,
  acks: -1,
  messages: [{ partition, value, key }],
});
const begin = async () => {
  const transactions = [];
  for (const producer of producers) transactions.push(await producer.transaction());
  return transactions as [(typeof transactions)[0], (typeof transactions)[0]];
};
/** What a read-committed reader sees of a partition, up to a message with the value `end`. */
async function seen(partition: number): Promise<string[]> {
  await it.log.write(topic, { partition, value: 'end' });
  const values = () => it.log.on(topic).flatMap((entry) => (entry.partition === partition ? entry.text : []));
  await eventually(() => expect(values()).toContain('end'));
  return values();
}

test('two transactions overlap and are both aborted: nothing of either is delivered', async () => {
  const [first, second] = await begin();
  await first.send(send(0, 'a1'));
  await second.send(send(0, 'b1'));
  await second.send(send(0, 'b2'));
  await it.log.write(topic, { partition: 0, value: 'plain' });
  await second.abort();
  await first.send(send(0, 'a2'));
  await first.abort();
  expect(await seen(0)).toEqual(['plain', 'end']);
});

test('nor to a reader that starts inside them', async () => {
  const uncommitted = new Log(it.brokers, true);
  await uncommitted.start();
  const written = await eventually(() => {
    const entries = uncommitted.on(topic).filter(({ partition }) => partition === 0);
    expect(entries.map(({ text }) => text)).toEqual(['a1', 'b1', 'b2', 'plain', 'a2', 'end']);
    return entries;
  });
  await uncommitted.stop();
  for (const [index, { offset }] of written.entries()) {
    const values: string[] = [];
    const to = BigInt(written.at(-1)?.offset ?? 0) + 1n;
    const kafka = connect(testService('email', it.brokers), 'admin');
    await readBack(kafka, { topic, partition: 0, from: BigInt(offset), to }, ({ value }) =>
      values.push(String(value)),
    );
    expect(values).toEqual(index <= 3 ? ['plain', 'end'] : ['end']);
  }
});

test('one aborts and the other commits: what was committed is delivered', async () => {
  const [first, second] = await begin();
  await first.send(send(1, 'a1'));
  await second.send(send(1, 'b1'));
  await first.abort();
  const [again] = [await producers[0]?.transaction()];
  await again?.send(send(1, 'a2'));
  await second.send(send(1, 'b2'));
  await again?.commit();
  await second.commit();
  expect(await seen(1)).toEqual(['b1', 'a2', 'b2', 'end']);
});

test('a key of four zero bytes is a key like any other', async () => {
  const transaction = await producers[0]?.transaction();
  for (const value of ['a1', 'a2', 'a3']) await transaction?.send(send(2, value, Buffer.alloc(4)));
  await transaction?.abort();
  expect(await seen(2)).toEqual(['end']);
});
