/** What the files of this folder do with a span, and with the messages that it is about. */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
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
  const failure = (error instanceof Error ? error : new Error(String(error))) as Failure;
  return span
    .setAttribute(attribute.errorType, typeOf(failure))
    .setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
}

interface Failure extends Error {
  /** The name of a Kafka error, such as INVALID_PRODUCER_EPOCH. */
  type?: string;
  cause?: Failure;
}

/** The name of the Kafka error behind it, or the class of the error. */
function typeOf(error: Failure): string {
  for (let one: Failure | undefined = error; one; one = one.cause) if (one.type) return one.type;
  return error.name;
}

export const remote = (context: TraceContext): SpanContext => ({ ...context, isRemote: true });
export const under = (context: TraceContext | undefined): Context =>
  context ? trace.setSpanContext(ROOT_CONTEXT, remote(context)) : ROOT_CONTEXT;
export const contextOf = (message: KafkaMessage) =>
  parseTraceparent(header(message as RawRecord, 'traceparent'));
export const idOf = ({ topic, partition }: Batch, message: KafkaMessage) =>
  identityOf(message as RawRecord, { topic, partition, offset: message.offset });
