/**
 * The spans of one process. Only opentelemetry.ts loads this file, and only when tracing is on.
 *
 * The messages of a ride are one trace, whatever TRACE_RELATION is: the request, `send ride_details`, and a `create` span for each
 * message that a handler returns. A batch has many causes, so what happens to it is a trace of its own, with links to them:
 * `poll`, a `process` for each message, the transaction, `send` and `commit`. With `parent`, `process` is in the trace of the ride.
 */
import {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Express } from 'express';
import type { Batch } from '../kafka/client/kafkajs.ts';
import { BatchTrace, type Writers } from './batch-trace.ts';
import { attribute, type Operation, operationTypes, own, spanName } from './semconv.ts';
import { contextOf, during, fail, idOf, remote, under } from './span.ts';
import {
  childOf,
  formatTraceparent,
  isSampled,
  parseTraceparent,
  type TraceContext,
} from './trace-context.ts';

export type { BatchTrace, Processing } from './batch-trace.ts';

export interface TracingOptions {
  /** The client id of the process. */
  client: string;
  /** The consumer group of the process. */
  group: string;
  relation: 'links' | 'parent';
  /** Whether a message is recorded if and only if its writer records it. */
  followsWriters: boolean;
  mostLinks: number;
}

/** The span of one message that is published. */
export interface Sending {
  /** For the header of the message. */
  traceparent: string;
  stored(offset: string): void;
  failed(error: unknown): void;
}

export class Tracing {
  readonly #tracer: Tracer;
  readonly #options: TracingOptions;

  constructor(tracer: Tracer, options: TracingOptions) {
    this.#tracer = tracer;
    this.#options = options;
  }

  /** A server span for each POST to these paths. The routes find it as the header `traceparent` of the request. */
  requests(app: Express, paths: string[]): void {
    for (const path of paths)
      app.post(path, (request, response, next) => {
        const attributes = {
          [attribute.method]: 'POST',
          [attribute.route]: path,
          [attribute.path]: request.path,
          [attribute.scheme]: request.protocol,
        };
        const caller = parseTraceparent(request.get('traceparent'));
        const place = under(caller);
        const span = this.#tracer.startSpan(`POST ${path}`, { kind: SpanKind.SERVER, attributes }, place);
        request.headers.traceparent = formatTraceparent(span.spanContext());
        response.once('close', () => {
          const { statusCode, writableFinished } = response;
          span.setAttribute(attribute.statusCode, statusCode);
          if (!writableFinished) fail(span, new Error('the client left before the answer'));
          else if (statusCode >= 500) {
            span
              .setAttribute(attribute.errorType, String(statusCode))
              .setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        });
        next();
      });
  }

  /** Undefined if the trace of the caller is not recorded. */
  send(topic: string, partition: number, key: string, id: string, parent?: string): Sending | undefined {
    const caller = parseTraceparent(parent);
    if (!this.records(caller)) return undefined;
    const span = this.start(
      'send',
      topic,
      SpanKind.PRODUCER,
      {
        [attribute.partition]: String(partition),
        [attribute.key]: key,
        [attribute.messageId]: id,
        [own.ride]: id,
      },
      { under: under(caller) },
    );
    return {
      traceparent: formatTraceparent(span.spanContext()),
      stored: (offset) => span.setAttribute(attribute.offset, Number(offset)).end(),
      failed: (error) => fail(span, error).end(),
    };
  }

  /** A batch that was fetched. Undefined if no message of it is recorded. @param fetched in milliseconds since 1970 */
  batch(batch: Batch, fetched: { from: number; to: number }): BatchTrace | undefined {
    const { mostLinks } = this.#options;
    const links: Link[] = [];
    const writers: Writers = new Map();
    for (const message of batch.messages) {
      const writer = contextOf(message);
      if (!this.records(writer)) continue;
      writers.set(message.offset, writer);
      if (!writer || links.length >= mostLinks) continue;
      links.push({
        context: remote(writer),
        attributes: {
          [attribute.messageId]: idOf(batch, message),
          [attribute.offset]: Number(message.offset),
        },
      });
    }
    if (writers.size === 0) return undefined;
    const poll = this.start(
      'poll',
      batch.topic,
      SpanKind.CLIENT,
      {
        [attribute.group]: this.#options.group,
        [attribute.partition]: String(batch.partition),
        [attribute.batchSize]: batch.messages.length,
      },
      { links, from: fetched.from },
    );
    poll.end(fetched.to);
    return new BatchTrace(this, batch, poll, writers, this.#options);
  }

  /** A step that belongs to no message. */
  async alone<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
    return during(this.raw(name, SpanKind.CLIENT, attributes, {}), work);
  }

  /** False: its writer does not record the trace, and so nobody does. */
  records(writer: TraceContext | undefined): boolean {
    return !this.#options.followsWriters || !writer || isSampled(writer);
  }

  /** @param topic undefined if there are several */
  start(
    operation: Operation,
    topic: string | undefined,
    kind: SpanKind,
    attributes: Attributes,
    place: Place,
  ): Span {
    return this.raw(
      spanName(operation, topic),
      kind,
      {
        [attribute.operationName]: operation,
        [attribute.operationType]: operationTypes[operation],
        ...(topic !== undefined && { [attribute.destination]: topic }),
        ...attributes,
      },
      place,
    );
  }

  /** Never throws: what it is about must not fail because of its span. */
  raw(name: string, kind: SpanKind, attributes: Attributes, { under, links, from }: Place): Span {
    const options = {
      kind,
      attributes: { [attribute.system]: 'kafka', [attribute.client]: this.#options.client, ...attributes },
      ...(links && { links }),
      ...(from !== undefined && { startTime: from }),
    };
    try {
      return this.#tracer.startSpan(name, options, under ?? ROOT_CONTEXT);
    } catch {
      return trace.wrapSpanContext({
        ...(parseTraceparent(childOf(undefined)) as TraceContext),
        traceFlags: 0,
      });
    }
  }
}

/** Where a span is. Without `under` it begins a trace. */
interface Place {
  under?: Context;
  links?: Link[];
  /** When it began, in milliseconds since 1970; default: now. */
  from?: number;
}
