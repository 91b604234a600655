import { afterEach, expect, test } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { testService } from '../../../../test/support/service.ts';
import { type BatchTrace, Tracing } from '../../tracing/spans.ts';
import type { Batch, Consumer } from '../client/kafkajs.ts';
import { nobody } from '../client/transactions-v2/membership.ts';
import { AtLeastOnce } from './at-least-once.ts';
import { AtMostOnce } from './at-most-once.ts';
import { ExactlyOnceStore, storeApart } from './exactly-once-store.ts';
import type { Guarantee, Handled } from './guarantee.ts';

const kept = new InMemorySpanExporter();
afterEach(() => kept.reset());
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: kept })] });
const tracing = new Tracing(provider.getTracer('test'), {
  client: 'c',
  group: 'analytics',
  relation: 'links',
  followsWriters: true,
  mostLinks: 1,
});
const message = { offset: '7', timestamp: '0', headers: {} };
const batch = { topic: 'ride_confirmed', partition: 0, messages: [message] } as unknown as Batch;
const handled: Handled[] = [{ outcome: 'done', received: null, records: [] }];

let broken = false;
let applied = 0;
const store = {
  offsets: () => new Map(),
  apply() {
    if (broken) throw new Error('the disk is full');
    applied++;
  },
};
const service = () => testService('analytics', ['localhost:1']);

test.each<[string, () => Guarantee]>([
  ['exactly once', () => new ExactlyOnceStore(service(), store)],
  ['at least once', () => new AtLeastOnce(service(), storeApart(store))],
  ['at most once', () => new AtMostOnce(service(), storeApart(store))],
])('%s stores its effect in a span, and a failure of it stays a failure', async (_name, create) => {
  const partition = create().assign({ seek() {} } as unknown as Consumer, 'ride_confirmed', 0, nobody);
  const trace = tracing.batch(batch, { from: 1, to: 2 }) as BatchTrace;
  applied = 0;
  broken = false;
  await partition.apply(handled, '8', trace);
  expect(applied).toBe(1);
  broken = true;
  await expect(async () => partition.apply(handled, '8', trace)).rejects.toThrow('the disk is full');
  const stored = kept.getFinishedSpans().filter(({ name }) => name === 'store');
  expect(stored.map(({ status }) => status.message)).toEqual([undefined, 'the disk is full']);
});
