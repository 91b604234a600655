/**
 * One Kafka consumer of a service's group: hands each message to the handler, in order per partition, and the outcome to
 * the delivery. The three outcomes are the same everywhere: a returned value is done, `Unprocessable` is a dead letter,
 * any other error is transient.
 */
import type { Batch, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { Unprocessable } from '../errors.ts';
import { instant } from '../feed.ts';
import type { RawRecord } from '../reading.ts';
import type { Service } from '../service.ts';
import { deadLetterTopic, type ReaderName, topology } from '../topology.ts';
import { connect } from './client.ts';
import { afterBatch, type Delivery, type Handled, isRebalance } from './delivery.ts';
import { Early } from './early.ts';
import { consumerMetricsOf } from './group.ts';
import { keepAlive, memberSettings, watch } from './membership.ts';
import { reportOutcomes } from './outcomes.ts';
import { toDeadLetter } from './records.ts';
import { isForAnother } from './replay.ts';
import { sideBySide } from './side-by-side.ts';
import { whyUnreadable } from './unreadable.ts';

/** Waits before a paused partition is tried again, in milliseconds: growing, and bounded. */
const firstWait = 100;
const longestWait = 10_000;
/** How much work is made durable at once, in milliseconds of handling. */
const slice = 200;
/** Under at-most-once a crash loses at most so many messages. */
const mostClaimed = 100;

interface ReaderOptions {
  delivery: Delivery;
  /** Reads and handles one record. @throws Unprocessable, or anything else for "try again later" */
  handle(batch: Batch, record: RawRecord, attempt: number, delivery: Delivery): Promise<Handled>;
  /** How many keys of one partition may be in hand at once. */
  keysInHand: number;
  partitions: number;
  /** Takes how to stop this one. */
  stops: (() => Promise<void>)[];
}

/** Starts one consumer; resolves when it has joined the group for the first time. */
export async function startReader(
  service: Service<ReaderName>,
  { delivery, handle, keysInHand, partitions, stops }: ReaderOptions,
): Promise<void> {
  const { log, name, feed, pace } = service;
  const topic = topology[name].reads;
  const metrics = consumerMetricsOf(service);
  const report = reportOutcomes(service);
  /** Consecutive failures per partition, at the offset that its head has. */
  const failures = new Map<number, { offset: string; count: number }>();
  const timers = new Set<NodeJS.Timeout>();
  const early = new Early();

  const consumer = connect(service, 'consume').consumer({
    groupId: name,
    ...memberSettings,
    maxBytesPerPartition: 1_048_576,
  });
  const joined = watch(service, consumer, topic, delivery);

  /** A batch in slices, each made durable before the next: a crash repeats or loses one slice, not a whole fetch. */
  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, isRunning, isStale } = payload;
    const { messages } = batch;
    const beat = keepAlive(payload);
    const goesOn = () => isRunning() && !isStale() && !beat.error;
    const offsetAt = (end: number) =>
      end === messages.length ? afterBatch(batch) : after(messages[end - 1] as KafkaMessage);
    let done = 0;
    try {
      if (!isRunning() || isStale() || !(await delivery.begin(consumer, payload))) return;
      while (done < messages.length && goesOn()) {
        if (pace.on && !(await pace.turn(heldBefore(batch, messages[done] as KafkaMessage), goesOn))) break;
        const most = !delivery.claim ? messages.length : pace.on ? 1 : mostClaimed;
        const until = Math.min(done + most, messages.length);
        if (delivery.claim && !(await delivery.claim(payload, offsetAt(until)))) break;
        const { handled, failed } = await handleSlice(payload, done, until, beat);
        const end = done + handled.length;
        if (handled.length > 0) {
          const last = messages[end - 1] as KafkaMessage;
          const nextOffset = offsetAt(end);
          await delivery.finish({ ...payload, isRunning: goesOn }, handled, nextOffset);
          resolveOffset(last.offset); // only now: what is not finished is fetched again
          report(batch.partition, handled);
          failures.delete(batch.partition);
          early.forgetBefore(batch.partition, nextOffset);
          done = end;
        }
        if (beat.error) throw beat.error;
        if (failed) return tryLater(payload, messages[done] as KafkaMessage, failed.error);
      }
      if (beat.error) throw beat.error;
    } catch (error) {
      if (isRebalance(error)) throw error;
      // Nothing is thrown to kafkajs: it counts errors over the whole life of a consumer and then gives up.
      tryLater(payload, messages[done] as KafkaMessage, error);
    } finally {
      beat.stop();
    }
  }

  /** Handles messages up to `until`, the end of the slice's time, the first transient failure, or a reason to stop. */
  async function handleSlice(
    payload: EachBatchPayload,
    from: number,
    until: number,
    beat: { error: unknown },
  ) {
    const { batch, isRunning, isStale } = payload;
    const { offset } = batch.messages[from] as KafkaMessage;
    // What failed is tried again alone: each further attempt would let others run further ahead of it, for a crash to repeat.
    const alone = keysInHand > 1 && failures.get(batch.partition)?.offset === offset;
    if (keysInHand > 1 && !pace.on && !alone) return handleSideBySide(payload, from, until, beat);
    const handled: Handled[] = [];
    const start = performance.now();
    for (let i = from; i < until; i++) {
      if (!isRunning() || isStale() || beat.error || performance.now() - start > slice) break;
      if (i > from && (pace.on || alone)) break; // a slice is one message then
      const message = batch.messages[i] as KafkaMessage;
      try {
        handled.push(early.of(batch.partition, message) ?? (await handleOne(batch, message)));
      } catch (error) {
        if (!delivery.givesUp) return { handled, failed: { error } };
        handled.push(drop(batch, message, error));
      }
    }
    return { handled };
  }

  /** The same with several keys in hand. What came out behind a failure is kept, not done again. */
  async function handleSideBySide(
    payload: EachBatchPayload,
    from: number,
    until: number,
    beat: { error: unknown },
  ) {
    const { batch, isRunning, isStale } = payload;
    const end = performance.now() + slice;
    const { beginning, later, failed } = await sideBySide(batch.messages.slice(from, until), {
      limit: keysInHand,
      keyOf: ({ key }) => key?.toString('latin1') ?? '', // messages without a key are in order among each other
      handle: async (message) => {
        try {
          return early.of(batch.partition, message) ?? (await handleOne(batch, message));
        } catch (error) {
          if (delivery.givesUp) return drop(batch, message, error);
          throw error;
        }
      },
      begins: () => isRunning() && !pace.on && performance.now() < end,
      goesOn: () => !isStale() && !beat.error,
    });
    early.keep(batch.partition, later);
    return { handled: beginning, ...(failed && { failed }) };
  }

  function drop(batch: Batch, message: KafkaMessage, error: unknown): Handled {
    log.error({ err: error, ...at(batch, message) }, 'message lost: at most once means no second attempt');
    const reason = (error as Error).message;
    const trace = { offset: message.offset, attempt: 1, since: instant(), reason };
    return { outcome: 'dropped', received: null, records: [], trace };
  }

  async function handleOne(batch: Batch, message: KafkaMessage): Promise<Handled> {
    const record = message as RawRecord;
    if (isForAnother(record, name)) return { outcome: 'done', received: null, records: [] };
    const known = failures.get(batch.partition);
    const attempt = known?.offset === message.offset ? known.count + 1 : 1;
    const since = performance.now();
    if (feed.heard) feed.tell({ what: 'read', ...at(batch, message), ride: null, attempt, at: instant() });
    try {
      const unreadable = whyUnreadable(message);
      if (unreadable) throw new Unprocessable(unreadable);
      const handled = await handle(batch, record, attempt, delivery);
      if (feed.heard || pace.on) handled.trace = { offset: message.offset, attempt, since: instant() };
      return handled;
    } catch (error) {
      metrics.failed.inc({ topic });
      if (!(error instanceof Unprocessable)) throw error;
      const from = { topic, partition: batch.partition, offset: message.offset };
      log.error({ ...at(batch, message), reason: error.message }, 'dead letter');
      return {
        outcome: 'dead letter',
        received: null,
        records: [toDeadLetter(deadLetterTopic(name), name, from, record, error.message)],
        trace: { offset: message.offset, attempt, since: instant(), reason: error.message },
      };
    } finally {
      metrics.handling.observe((performance.now() - since) / 1000);
    }
  }

  /** Pauses the partition: the others go on, its order is kept. */
  function tryLater({ batch, pause }: EachBatchPayload, head: KafkaMessage, error: unknown) {
    const known = failures.get(batch.partition);
    const count = known?.offset === head.offset ? known.count + 1 : 1;
    failures.set(batch.partition, { offset: head.offset, count });
    const wait = Math.min(firstWait * 2 ** (count - 1), longestWait);
    metrics.retries.inc({ topic });
    log.warn(
      { reason: (error as Error).message, ...at(batch, head), attempt: count, retryInMs: wait },
      'failed; this partition waits and tries again',
    );
    log.debug({ err: error }, 'where it failed');
    if (feed.heard) {
      const { message: reason } = error as Error;
      const now = instant();
      feed.tell({
        what: 'retry',
        ...at(batch, head),
        ride: null,
        attempt: count,
        at: now,
        reason,
        until: now + wait,
      });
    }
    const resume = pause();
    const timer = setTimeout(() => {
      timers.delete(timer);
      resume();
    }, wait);
    timers.add(timer);
  }

  stops.push(async () => {
    for (const timer of timers) clearTimeout(timer);
    await consumer.disconnect(); // lets the batch in hand come to its end, and leaves the group
    await delivery.stop();
  });
  await consumer.connect();
  // fromBeginning: otherwise what was written before a new group's first commit would be skipped.
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch,
  });
  await joined;
}

const after = (message: KafkaMessage) => String(BigInt(message.offset) + 1n);
const heldBefore = (batch: Batch, message: KafkaMessage) =>
  ({ ...at(batch, message), where: 'before its handling' }) as const;
const at = (batch: Batch, message: KafkaMessage) => ({
  topic: batch.topic,
  partition: batch.partition,
  offset: message.offset,
});
