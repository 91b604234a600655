/** Starts OpenTelemetry. Everything of it is loaded by this file, which is loaded only when tracing is on. */
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { atMost } from '../at-most.ts';
import type { Service } from '../service.ts';
import { exportTo } from './export.ts';
import { followsWriters, samplerOf } from './sampler.ts';
import { schemaUrl } from './semconv.ts';
import { Tracing } from './spans.ts';

/** How long a stop waits for the collector, in milliseconds. */
const patience = 800;

/** @param endpoint the address of the collector for traces */
export function startOpenTelemetry(
  service: Pick<Service, 'name' | 'process' | 'config' | 'log' | 'metrics' | 'onStop'>,
  endpoint: string,
): Tracing {
  const { config, log, metrics, name } = service;
  // What it reports is also counted, and logged once by export.ts.
  const quiet = (message: string) => log.debug({ opentelemetry: true }, message);
  diag.setLogger(
    { error: quiet, warn: quiet, info: () => {}, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  setGlobalErrorHandler((error) => quiet(error instanceof Error ? error.message : String(error)));
  const collector = new OTLPTraceExporter({
    url: endpoint,
    ...(config.OTEL_EXPORTER_OTLP_HEADERS && { headers: config.OTEL_EXPORTER_OTLP_HEADERS }),
  });
  const provider = new TracerProvider({
    sampler: samplerOf(config),
    spanLimits: { linkCountLimit: config.OTEL_SPAN_LINK_COUNT_LIMIT },
    spanProcessors: [exportTo(collector, config, { metrics, log, endpoint })],
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.namespace': 'rideflow',
        'service.instance.id': service.process,
        ...config.OTEL_RESOURCE_ATTRIBUTES,
        ...(config.OTEL_RESOURCE_ATTRIBUTES?.['service.name'] ? {} : { 'service.name': name }),
        ...(config.OTEL_SERVICE_NAME && { 'service.name': config.OTEL_SERVICE_NAME }),
      }),
    ),
  });
  service.onStop('the traces', async () => {
    // A collector that does not answer must not make the stop fail.
    const sent = await atMost(patience, provider.shutdown()).catch(() => false);
    if (!sent) log.warn({ endpoint }, 'the last traces did not reach the collector in time');
  });
  log.info(
    { endpoint, sampler: config.OTEL_TRACES_SAMPLER, relation: config.TRACE_RELATION },
    'tracing is on',
  );
  return new Tracing(provider.getTracer('rideflow', undefined, { schemaUrl }), {
    client: service.process,
    group: name,
    relation: config.TRACE_RELATION,
    followsWriters: followsWriters(config),
    mostLinks: config.OTEL_SPAN_LINK_COUNT_LIMIT,
  });
}
