import { afterEach, describe, expect, test } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { commonConfig, readConfig } from '../config.ts';
import type { Batch, KafkaMessage } from '../kafka/client/kafkajs.ts';
import { followsWriters, samplerOf } from './sampler.ts';
import { Tracing } from './spans.ts';
import { formatTraceparent } from './trace-context.ts';

const kept = new InMemorySpanExporter();
afterEach(() => kept.reset());

/** What a process with these variables records. */
function tracingWith(env: NodeJS.ProcessEnv = {}): Tracing {
  const config = readConfig(commonConfig('transaction', 0), env);
  const provider = new TracerProvider({
    sampler: samplerOf(config),
    spanProcessors: [new SimpleSpanProcessor({ exporter: kept })],
  });
  return new Tracing(provider.getTracer('test'), {
    client: 'rideflow-transaction-1',
    group: 'transaction',
    relation: config.TRACE_RELATION,
    followsWriters: followsWriters(config),
    mostLinks: config.OTEL_SPAN_LINK_COUNT_LIMIT,
  });
}
const recorded = () =>
  kept.getFinishedSpans().map((span) => ({
    name: span.name,
    traceId: span.spanContext().traceId,
    under: span.parentSpanContext?.spanId,
    links: span.links.map(({ context }) => context.spanId),
  }));
const named = (name: string) => recorded().filter((span) => span.name === name);

/** A message of the n-th ride. */
const message = (n: number, sampled = true): KafkaMessage =>
  ({ offset: String(n), timestamp: '0', key: null, value: null, headers: headersOf(n, sampled) }) as never;
const headersOf = (n: number, sampled: boolean) => ({
  ce_id: `ride-${n}`,
  traceparent: formatTraceparent({ traceId: traceOf(n), spanId: spanOf(n), traceFlags: Number(sampled) }),
});
const traceOf = (n: number) => n.toString(16).padStart(32, 'a');
const spanOf = (n: number) => n.toString(16).padStart(16, 'b');
const batchOf = (...messages: KafkaMessage[]) =>
  ({ topic: 'ride_details', partition: 2, messages }) as unknown as Batch;
const fetched = { from: 1000, to: 2000 };

describe('a batch of two rides', () => {
  const handle = (tracing: Tracing) => {
    const messages = [message(1), message(2)];
    const trace = tracing.batch(batchOf(...messages), fetched);
    for (const one of messages) {
      const processing = trace?.process(one, 1);
      processing?.creates('ride_confirmed', 2, 'user', `ride-${one.offset}`);
      processing?.handled('done', `ride-${one.offset}`);
      processing?.durable();
    }
  };

  test('is a trace of its own by default, with a link to each ride; what they cause stays in the traces of the rides', () => {
    handle(tracingWith());
    const [poll] = named('poll ride_details');
    expect(poll).toMatchObject({ under: undefined, links: [spanOf(1), spanOf(2)] });
    expect(named('process ride_details')).toMatchObject([
      { traceId: poll?.traceId, links: [spanOf(1)] },
      { traceId: poll?.traceId, links: [spanOf(2)] },
    ]);
    expect(named('create ride_confirmed')).toMatchObject([
      { traceId: traceOf(1), under: spanOf(1) },
      { traceId: traceOf(2), under: spanOf(2) },
    ]);
  });

  test('with TRACE_RELATION=parent, each is handled in the trace of its ride, with a link to the batch', () => {
    handle(tracingWith({ TRACE_RELATION: 'parent' }));
    const poll = kept.getFinishedSpans()[0]?.spanContext().spanId;
    expect(named('process ride_details')).toMatchObject([
      { traceId: traceOf(1), under: spanOf(1), links: [spanOf(1), poll] },
      { traceId: traceOf(2), under: spanOf(2), links: [spanOf(2), poll] },
    ]);
    const [first] = kept.getFinishedSpans().filter(({ name }) => name === 'process ride_details');
    expect(named('create ride_confirmed')[0]).toMatchObject({
      traceId: traceOf(1),
      under: first?.spanContext().spanId,
    });
  });
});

describe('what is recorded', () => {
  const countIn = (env: NodeJS.ProcessEnv, ...messages: KafkaMessage[]) => {
    const trace = tracingWith(env).batch(batchOf(...messages), fetched);
    for (const one of messages) trace?.process(one, 1)?.handled('done', undefined);
    return recorded().map(({ name, links }) => `${name} ${links.length}`);
  };
  const foreign = { ...message(9), headers: {} } as KafkaMessage;

  test('by default follows the writer of each message, so a ride is recorded on its whole way or not at all', () => {
    const never = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
    expect(countIn(never, message(1), message(2, false))).toEqual([
      'poll ride_details 1',
      'process ride_details 1',
    ]);
    kept.reset();
    expect(countIn({}, message(1, false))).toEqual([]);
  });

  test('of a foreign writer without a trace is what the sampler chooses', () => {
    expect(countIn({}, foreign)).toEqual(['poll ride_details 0', 'process ride_details 0']);
    kept.reset();
    expect(countIn({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, foreign)).toEqual([]);
  });

  test('does not depend on the writers with the other samplers', () => {
    expect(countIn({ OTEL_TRACES_SAMPLER: 'always_off' }, message(1))).toEqual([]);
    expect(countIn({ OTEL_TRACES_SAMPLER: 'always_on' }, message(1, false))).toHaveLength(2);
  });

  test('of a large batch links to the first messages only', () => {
    const many = Array.from({ length: 50 }, (_, n) => message(n + 1));
    expect(countIn({ OTEL_SPAN_LINK_COUNT_LIMIT: '20' }, ...many)[0]).toBe('poll ride_details 20');
  });

  test('of a request is the sampled flag that its message carries', () => {
    const parent = `00-${traceOf(1)}-${spanOf(1)}`;
    const send = (env: NodeJS.ProcessEnv, traceparent?: string) =>
      tracingWith(env).send('ride_details', 0, 'user', 'ride-1', traceparent)?.traceparent;
    expect(send({}, `${parent}-01`)).toMatch(new RegExp(`^00-${traceOf(1)}-\\w{16}-01$`));
    expect(send({}, `${parent}-00`)).toBeUndefined(); // the record then continues the trace by itself
    expect(send({ OTEL_TRACES_SAMPLER: 'always_off' })).toMatch(/-00$/);
  });
});

test('a span that cannot be made harms nothing: the work is done, and a message has a valid trace context', async () => {
  const broken = new Tracing({ startSpan: () => JSON.parse('{') } as never, {
    client: 'c',
    group: 'g',
    relation: 'links',
    followsWriters: true,
    mostLinks: 1,
  });
  const trace = broken.batch(batchOf(message(1)), fetched);
  expect(await trace?.commits('2', async () => 'committed')).toBe('committed');
  const traceparent = trace?.process(message(1), 1)?.creates('ride_confirmed', 2, 'user', 'ride-1');
  expect(traceparent).toMatch(/^00-(?!0{32})\w{32}-(?!0{16})\w{16}-00$/);
});
