/**
 * The environment variables of tracing: the standard ones of OpenTelemetry. Platforms set them for all programs at once, so an unsuitable
 * value is ignored with a line, and never prevents a start.
 */
import { z } from 'zod';
import { wholeNumber } from '../whole-number.ts';

const url = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an address that starts with http:// or https://',
  );

const flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false']))
  .transform((text) => text === 'true');

/** `name=value,name=value` with percent-encoded values. */
const pairs = z.string().transform((text, context) => {
  const found: Record<string, string> = {};
  for (const pair of text.split(',').filter((pair) => pair.trim() !== '')) {
    const [name = '', ...value] = pair.split('=');
    try {
      if (name.trim() === '' || value.length === 0) throw new Error();
      found[name.trim()] = decodeURIComponent(value.join('=').trim());
    } catch {
      context.addIssue('must be name=value pairs, separated by commas, with percent-encoded values');
      return z.NEVER;
    }
  }
  return found;
});

export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url
    .optional()
    .describe('collector of traces, as http://host:4318; turns tracing on, with /v1/traces appended'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url
    .optional()
    .describe('the same, only for traces and with nothing appended'),
  OTEL_EXPORTER_OTLP_HEADERS: pairs
    .optional()
    .describe('headers for the collector as name=value, separated by commas, such as a token; never logged'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/json'])
    .default('http/json')
    .describe('how traces are sent; only http/json'),
  OTEL_TRACES_EXPORTER: z
    .enum(['otlp', 'none'])
    .default('otlp')
    .describe('otlp, or none to turn tracing off'),
  OTEL_SDK_DISABLED: flag.default(false).describe('true turns tracing off'),
  OTEL_SERVICE_NAME: z.string().optional().describe('name of the service in traces; default: its own name'),
  OTEL_RESOURCE_ATTRIBUTES: pairs
    .optional()
    .describe('more attributes of the process in traces, as name=value, separated by commas'),
  OTEL_TRACES_SAMPLER: z
    .enum([
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
      'always_on',
      'always_off',
      'traceidratio',
    ])
    .default('parentbased_always_on')
    .describe('which traces are recorded; parentbased_… follow the caller, and the writers of the messages'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0|1|0?\.\d+|1\.0+|0\.\d*)$/, 'must be a number from 0 to 1')
    .transform(Number)
    .default(1)
    .describe('the ratio of the samplers with traceidratio, 0 to 1'),
  OTEL_SPAN_LINK_COUNT_LIMIT: wholeNumber(0, 10_000)
    .default(128)
    .describe('maximum number of links of a span; a batch of more messages links to the first ones'),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(1, 100_000)
    .default(2048)
    .describe('maximum number of finished spans in memory; more are dropped and counted'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber(1, 100_000)
    .default(512)
    .describe('maximum number of spans in one request'),
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber(1, 600_000)
    .default(5000)
    .describe('time between two requests to the collector, in milliseconds'),
  OTEL_BSP_EXPORT_TIMEOUT: wholeNumber(1, 600_000)
    .default(30_000)
    .describe('time after which an export is given up, in milliseconds'),
  TRACE_RELATION: z
    .enum(['links', 'parent'])
    .default('links')
    .describe(
      'how the handling of a message relates to its writing: links (a trace for each batch), or parent (one trace for each ride)',
    ),
};

export type TracingConfig = z.output<z.ZodObject<typeof tracingSettings>>;

/** The address for traces; null if tracing is off. */
export function traceEndpoint(config: TracingConfig): string | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = config;
  if (config.OTEL_SDK_DISABLED || config.OTEL_TRACES_EXPORTER === 'none') return null;
  return whole ?? (base === undefined ? null : `${base.replace(/\/$/, '')}/v1/traces`);
}
