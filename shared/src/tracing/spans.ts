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
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Express } from 'express';
import type { Batch, KafkaMessage } from '../kafka/client/kafkajs.ts';
import type { FetchedRecord } from '../kafka/client/kafkajs-internals.ts';
import { replayedFrom } from '../kafka/consuming/replay-headers.ts';
import { header, identityOf, type RawRecord, shortHeader } from '../reading.ts';
import { attribute, type Operation, operationTypes, own, spanName } from './semconv.ts';
import { formatTraceparent, isSampled, parseTraceparent, type TraceContext } from './trace-context.ts';

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

  raw(name: string, kind: SpanKind, attributes: Attributes, { under, links, from }: Place): Span {
    return this.#tracer.startSpan(
      name,
      {
        kind,
        attributes: {
          [attribute.system]: 'kafka',
          [attribute.client]: this.#options.client,
          ...attributes,
        },
        ...(links && { links }),
        ...(from !== undefined && { startTime: from }),
      },
      under ?? ROOT_CONTEXT,
    );
  }
}

/** Where a span is. Without `under` it begins a trace. */
interface Place {
  under?: Context;
  links?: Link[];
  /** When it began, in milliseconds since 1970; default: now. */
  from?: number;
}

/** The trace contexts of the messages of a batch that are recorded, by offset; undefined where the writer has none. */
type Writers = Map<string, TraceContext | undefined>;

/** The trace of a batch: what its reader does with it. */
export class BatchTrace {
  readonly #tracing: Tracing;
  readonly #batch: Batch;
  readonly #poll: Span;
  readonly #writers: Writers;
  readonly #options: TracingOptions;
  readonly #context: Context;
  readonly #hidden: Map<string, number>;
  #transaction: Span | undefined;

  constructor(tracing: Tracing, batch: Batch, poll: Span, writers: Writers, options: TracingOptions) {
    this.#tracing = tracing;
    this.#batch = batch;
    this.#poll = poll;
    this.#writers = writers;
    this.#options = options;
    this.#context = trace.setSpan(ROOT_CONTEXT, poll);
    this.#hidden = hiddenByTransaction(batch);
  }

  /** An attempt to handle one message. Undefined if the message is not recorded. */
  process(message: KafkaMessage, attempt: number): Processing | undefined {
    if (!this.#writers.has(message.offset)) return undefined;
    const writer = this.#writers.get(message.offset);
    const { topic, partition } = this.#batch;
    const inRide = this.#options.relation === 'parent' && writer !== undefined;
    const replayed = shortHeader(message as RawRecord, replayedFrom);
    const hidden = this.#hidden.get(message.offset);
    const links = writer ? [{ context: remote(writer) }] : [];
    const span = this.#tracing.start(
      'process',
      topic,
      SpanKind.CONSUMER,
      {
        [attribute.group]: this.#options.group,
        [attribute.partition]: String(partition),
        [attribute.offset]: Number(message.offset),
        [attribute.messageId]: idOf(this.#batch, message),
        ...(message.key && { [attribute.key]: message.key.toString() }),
        ...(message.value === null && { [attribute.tombstone]: true }),
        [own.attempt]: attempt,
        ...(replayed && { [own.replayedFrom]: replayed }),
        ...(hidden !== undefined && { [own.hidden]: hidden }),
      },
      inRide
        ? { under: under(writer), links: [...links, { context: this.#poll.spanContext() }] }
        : { under: this.#context, links },
    );
    return new Processing(this.#tracing, span, inRide ? undefined : writer);
  }

  /** A transaction begins. What follows belongs to it, until it is `ended`. */
  begin(transactionalId: string, messages: number): void {
    this.#transaction = this.#tracing.raw(
      'transaction',
      SpanKind.INTERNAL,
      { [own.transactionalId]: transactionalId, [attribute.batchSize]: messages },
      { under: this.#context },
    );
  }

  /** @param error why its outcome is not a commit */
  ended(error?: unknown): void {
    if (!this.#transaction) return;
    if (error !== undefined) fail(this.#transaction, error);
    this.#transaction.setAttribute(own.outcome, error === undefined ? 'committed' : 'not committed').end();
    this.#transaction = undefined;
  }

  /** Records are written, in one request. */
  sends<T>(records: Sent[], work: () => Promise<T>): Promise<T> {
    const [topic, ...others] = new Set(records.map(({ topic }) => topic));
    const links: Link[] = [];
    for (const { headers } of records) {
      if (links.length >= this.#options.mostLinks) break;
      const created = parseTraceparent(headers.traceparent?.toString());
      if (created && this.#tracing.records(created))
        links.push({
          context: remote(created),
          attributes: { [attribute.messageId]: String(headers.ce_id) },
        });
    }
    const attributes = {
      [attribute.partition]: String(this.#batch.partition),
      [attribute.batchSize]: records.length,
    };
    return this.#during('send', others.length > 0 ? undefined : topic, attributes, work, links);
  }

  /** The offset is committed. */
  commits<T>(nextOffset: string, work: () => Promise<T>): Promise<T> {
    const attributes = {
      [attribute.group]: this.#options.group,
      [attribute.partition]: String(this.#batch.partition),
      [own.nextOffset]: Number(nextOffset),
    };
    return this.#during('commit', this.#batch.topic, attributes, work);
  }

  /** The effect is stored, in one step. */
  stores(work: () => void): void {
    const span = this.#tracing.raw('store', SpanKind.INTERNAL, {}, { under: this.#context });
    try {
      work();
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** Any other step, such as `commit transaction`. */
  step<T>(name: string, work: () => Promise<T>): Promise<T> {
    return during(this.#tracing.raw(name, SpanKind.CLIENT, {}, { under: this.#current }), work);
  }

  #during<T>(
    operation: Operation,
    topic: string | undefined,
    attributes: Attributes,
    work: () => Promise<T>,
    links: Link[] = [],
  ): Promise<T> {
    const place = { under: this.#current, links };
    return during(this.#tracing.start(operation, topic, SpanKind.CLIENT, attributes, place), work);
  }

  get #current(): Context {
    return this.#transaction ? trace.setSpan(ROOT_CONTEXT, this.#transaction) : this.#context;
  }
}

interface Sent {
  topic: string;
  headers: Record<string, unknown>;
}

/** An attempt to handle one message, and the messages that it creates. */
export class Processing {
  readonly #tracing: Tracing;
  readonly #span: Span;
  /** The context of the message, if this span is not in the trace of the ride. */
  readonly #writer: TraceContext | undefined;
  #created: Span[] | undefined;

  constructor(tracing: Tracing, span: Span, writer: TraceContext | undefined) {
    this.#tracing = tracing;
    this.#span = span;
    this.#writer = writer;
  }

  /**
   * A message that the handler returned. Its span lasts until readers can see it: until the transaction is committed.
   * @returns the `traceparent` of the message
   */
  creates(topic: string, partition: number, key: string, id: string): string {
    const span = this.#tracing.start(
      'create',
      topic,
      SpanKind.PRODUCER,
      { [attribute.partition]: String(partition), [attribute.key]: key, [attribute.messageId]: id },
      this.#writer
        ? { under: under(this.#writer), links: [{ context: this.#span.spanContext() }] }
        : { under: trace.setSpan(ROOT_CONTEXT, this.#span) },
    );
    this.#created ??= [];
    this.#created.push(span);
    return formatTraceparent(span.spanContext());
  }

  /** The handler is done with it. */
  handled(outcome: string, ride: string | undefined): void {
    if (ride !== undefined) this.#span.setAttribute(own.ride, ride);
    this.#span.setAttribute(own.outcome, outcome).end();
  }

  /** The handler failed. @param outcome `dead letter`, `dropped` or `retry` */
  failed(outcome: string, error: unknown): void {
    fail(this.#span, error).setAttribute(own.outcome, outcome).end();
    this.undone(error);
  }

  /** Its effect and its offset are durable. */
  durable(): void {
    for (const span of this.#created ?? []) span.end();
    this.#created = undefined;
  }

  /** Its effect did not happen, and it is handled again. */
  undone(error: unknown): void {
    for (const span of this.#created ?? []) fail(span, error).end();
    this.#created = undefined;
  }
}

async function during<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function fail(span: Span, error: unknown): Span {
  return span
    .setAttribute(attribute.errorType, typeOf(error as Failure))
    .setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
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

/**
 * How long each message was on disk, but behind its open transaction, so no read-committed reader got it: until Kafka wrote the
 * marker that committed it. By offset, in milliseconds. A message whose marker is in a later fetch is missing.
 */
function hiddenByTransaction(batch: Batch): Map<string, number> {
  const { rawMessages = [] } = batch as Batch & { rawMessages?: FetchedRecord[] };
  const hidden = new Map<string, number>();
  if (!rawMessages.some(({ isControlRecord }) => isControlRecord)) return hidden;
  /** The next marker of each producer. */
  const ends = new Map<string, number>();
  for (const { isControlRecord, batchContext, offset, timestamp } of rawMessages.toReversed()) {
    if (isControlRecord) ends.set(batchContext.producerId, Number(timestamp));
    const end = batchContext?.inTransaction ? ends.get(batchContext.producerId) : undefined;
    // The writer sets the first time and the broker the second one, and their clocks differ.
    if (end !== undefined && !isControlRecord) hidden.set(offset, Math.max(0, end - Number(timestamp)));
  }
  return hidden;
}

const remote = (context: TraceContext): SpanContext => ({ ...context, isRemote: true });
const under = (context: TraceContext | undefined): Context =>
  context ? trace.setSpanContext(ROOT_CONTEXT, remote(context)) : ROOT_CONTEXT;
const contextOf = (message: KafkaMessage) => parseTraceparent(header(message as RawRecord, 'traceparent'));
const idOf = ({ topic, partition }: Batch, message: KafkaMessage) =>
  identityOf(message as RawRecord, { topic, partition, offset: message.offset });
