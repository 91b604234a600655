/** What the files of this folder do with a span, and with the messages that it is about. */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { kafkaErrorOf } from '../errors.ts';
import type { Batch, KafkaMessage } from '../kafka/client/kafkajs.ts';
import { header, identityOf, type RawRecord } from '../reading.ts';
import { attribute } from './semconv.ts';
import { parseTraceparent, type TraceContext } from './trace-context.ts';

export async function during<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

export function fail(span: Span, error: unknown): Span {
  const failure = error instanceof Error ? error : new Error(String(error));
  return span
    .setAttribute(attribute.errorType, kafkaErrorOf(failure) ?? failure.name)
    .setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
}

export const remote = (context: TraceContext): SpanContext => ({ ...context, isRemote: true });
export const under = (context: TraceContext | undefined): Context =>
  context ? trace.setSpanContext(ROOT_CONTEXT, remote(context)) : ROOT_CONTEXT;
export const contextOf = (message: KafkaMessage) =>
  parseTraceparent(header(message as RawRecord, 'traceparent'));
export const idOf = ({ topic, partition }: Batch, message: KafkaMessage) =>
  identityOf(message as RawRecord, { topic, partition, offset: message.offset });
