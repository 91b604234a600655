/** The spans of one batch. Only spans.ts loads this file. */
import {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import type { Batch, KafkaMessage } from '../kafka/client/kafkajs.ts';
import type { FetchedRecord } from '../kafka/client/kafkajs-internals.ts';
import { replayedFrom } from '../kafka/consuming/replay-headers.ts';
import { type RawRecord, shortHeader } from '../reading.ts';
import { attribute, type Operation, own } from './semconv.ts';
import { during, fail, idOf, remote, under } from './span.ts';
import type { Tracing, TracingOptions } from './spans.ts';
import { formatTraceparent, parseTraceparent, type TraceContext } from './trace-context.ts';

/** The trace contexts of the messages of a batch that are recorded, by offset; undefined where the writer has none. */
export type Writers = Map<string, TraceContext | undefined>;

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
