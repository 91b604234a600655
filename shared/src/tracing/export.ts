/**
 * Sends finished spans to the collector, in the background and with bounded memory. Nothing waits for it. A span that cannot be
 * sent is dropped and counted.
 */
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { Counter, type Registry } from 'prom-client';
import type { Logger } from '../log.ts';
import type { TracingConfig } from './settings.ts';

export function exportTo(
  collector: SpanExporter,
  config: TracingConfig,
  { metrics, log, endpoint }: { metrics: Registry; log: Logger; endpoint: string },
): SpanProcessor {
  const exported = new Counter({
    name: 'rideflow_spans_exported_total',
    help: 'Spans that the collector of traces accepted',
    registers: [metrics],
  });
  const dropped = new Counter({
    name: 'rideflow_spans_dropped_total',
    help: 'Spans that were not exported: queue_full, or refused by the collector or not answered (export_failed)',
    labelNames: ['reason'],
    registers: [metrics],
  });
  dropped.inc({ reason: 'queue_full' }, 0);
  dropped.inc({ reason: 'export_failed' }, 0);
  /** Spans in the queue of the batch processor. */
  let queued = 0;
  let works = true;

  function settled(spans: number, { code, error }: ExportResult) {
    const succeeded = code === ExportResultCode.SUCCESS;
    if (succeeded) exported.inc(spans);
    else dropped.inc({ reason: 'export_failed' }, spans);
    if (succeeded === works) return;
    works = succeeded;
    if (works) log.info({ endpoint }, 'traces reach the collector again');
    else log.warn({ endpoint, reason: error?.message }, 'traces do not reach the collector, and are dropped');
  }

  const batches = new BatchSpanProcessor({
    exporter: {
      export(spans, done) {
        queued -= spans.length;
        collector.export(spans, (result) => {
          settled(spans.length, result);
          done(result);
        });
      },
      shutdown: () => collector.shutdown(),
      forceFlush: async () => collector.forceFlush?.(),
    },
    maxQueueSize: config.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: Math.min(config.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, config.OTEL_BSP_MAX_QUEUE_SIZE),
    scheduledDelayMillis: config.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: config.OTEL_BSP_EXPORT_TIMEOUT,
  });
  return {
    onStart: (span: Span, context) => batches.onStart(span, context),
    onEnd(span: ReadableSpan) {
      if (queued >= config.OTEL_BSP_MAX_QUEUE_SIZE) return dropped.inc({ reason: 'queue_full' });
      queued++;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
}
