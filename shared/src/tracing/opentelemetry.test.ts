import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../../test/support/collector.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type TestService, testService } from '../../../test/support/service.ts';
import { spentOn } from '../../../test/support/spent.ts';
import { startOpenTelemetry } from './opentelemetry.ts';
import type { Tracing } from './spans.ts';

let collector: Collector;
let service: TestService<'rides'>;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(async () => {
  await service.stop();
  await collector.stop();
});

function start(env: NodeJS.ProcessEnv = {}): Tracing {
  service = testService('rides', [], { KAFKA_BROKERS: 'localhost:1', OTEL_BSP_SCHEDULE_DELAY: '50', ...env });
  return startOpenTelemetry(service, `${collector.url}/v1/traces`);
}
const send = (tracing: Tracing, times = 1) => {
  for (let i = 0; i < times; i++) tracing.send('ride_details', 0, 'user', `ride-${i}`)?.stored('7');
};
const dropped = async (reason: string) => {
  const found = await service.metrics.getSingleMetric('rideflow_spans_dropped_total')?.get();
  return found?.values.find(({ labels }) => labels.reason === reason)?.value;
};
const exported = () => service.metric('rideflow_spans_exported_total');

test('a process says who it is, and a platform can say it in its place', async () => {
  send(start());
  await eventually(() =>
    expect(collector.spans).toMatchObject([{ service: 'rides', instance: service.process }]),
  );
  await service.stop();
  send(start({ OTEL_SERVICE_NAME: 'rideflow-rides' }));
  await eventually(() => expect(collector.spans.at(-1)).toMatchObject({ service: 'rideflow-rides' }));
  await service.stop();
  send(start({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop%20rides,deployment.environment.name=test' }));
  await eventually(() => expect(collector.spans.at(-1)).toMatchObject({ service: 'shop rides' }));
});

test('what does not fit into the queue is dropped and counted; the rest is exported', async () => {
  const tracing = start({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
  collector.answer = 0; // it takes the first request, and does not answer
  send(tracing, 10);
  await eventually(() => expect(collector.requests).toBe(1));
  send(tracing, 15);
  expect(await dropped('queue_full')).toBe(5);
  collector.release();
  await eventually(async () => expect(await exported()).toBe(20));
  expect(await dropped('queue_full')).toBe(5);
});

test('a collector that refuses spans costs these spans, which are counted; a line says when it begins and when it is over', async () => {
  const tracing = start();
  collector.answer = 400;
  send(tracing, 3);
  await eventually(async () => expect(await dropped('export_failed')).toBe(3));
  send(tracing, 4);
  await eventually(async () => expect(await dropped('export_failed')).toBe(7));
  const lines = () => service.lines.flatMap(({ msg }) => (/collector/.test(String(msg)) ? [msg] : []));
  expect(lines()).toEqual(['traces do not reach the collector, and are dropped']);
  collector.answer = 200;
  send(tracing);
  await eventually(async () => expect(await exported()).toBe(1));
  await eventually(() =>
    expect(lines()).toEqual([
      'traces do not reach the collector, and are dropped',
      'traces reach the collector again',
    ]),
  );
});

test('a stop sends the last spans', async () => {
  send(start({ OTEL_BSP_SCHEDULE_DELAY: '60000' }), 3);
  await service.stop();
  await eventually(() => expect(collector.spans).toHaveLength(3)); // on a slow machine, after the stop
});

test('a stop waits for about a second for a collector that does not answer, and does not fail', async () => {
  collector.answer = 0;
  send(start({ OTEL_BSP_SCHEDULE_DELAY: '60000' }));
  expect(await spentOn(() => service.stop())).toBeLessThan(6000);
  expect(service.lines.at(-1)).toMatchObject({
    msg: 'the last traces did not reach the collector in time',
  });
});
