/**
 * Works through a batch of one partition in slices. Each slice is made durable before the next one starts, so a crash repeats
 * or loses one slice and not a whole fetch.
 */
import type { Pace } from '../../pace.ts';
import type { KafkaMessage } from '../client/kafkajs.ts';
import { isRebalance } from '../client/offsets.ts';
import type { Guarantee, Handled } from '../guarantees/guarantee.ts';
import type { BatchInHand } from './batch-in-hand.ts';
import type { HandleMessage } from './handle-message.ts';
import type { Ahead } from './handled-ahead.ts';
import type { Report } from './report.ts';
import type { Waiting } from './retry-later.ts';
import { sideBySide } from './side-by-side.ts';
import { type TaughtPartition, turnOf } from './teaching.ts';

/** The length of a slice, in milliseconds of handling. */
const slice = 200;
/** With at-most-once, a crash loses at most this many messages. */
const mostClaimed = 100;

interface Slice {
  /** The outcomes of the first messages, without a gap. */
  handled: Handled[];
  /** Why the next message failed; undefined if the next message was not started, or there is none. */
  failed?: { error: unknown };
}

export interface LoopOptions {
  guarantee: Guarantee;
  handle: HandleMessage;
  report: Report;
  ahead: Ahead;
  waiting: Waiting;
  pace: Pace;
  /** The most keys of one partition in progress at once. */
  keysInHand: () => number;
  /** Recreates the dead-letter topic if it was deleted. Never rejects. */
  restoreDeadLetters: () => Promise<void>;
}

/**
 * Returns a function that works through one batch and resolves when nothing of it is in progress. It only throws rebalance
 * errors.
 */
export function createLoop(options: LoopOptions) {
  const { guarantee, handle, report, ahead, waiting, pace, keysInHand, restoreDeadLetters } = options;
  return async function workThrough(hand: BatchInHand, partition: TaughtPartition): Promise<void> {
    const { messages } = hand;
    let done = 0;
    try {
      const start = await partition.begin();
      if (!hand.goesOn) return hand.expectPlace();
      if (start !== null && start !== hand.fetchedOffset) return hand.seek(start);
      if (messages.length === 0) return await passMarkers(hand, partition);
      while (done < messages.length && hand.goesOn) {
        if (pace.on && !(await turnOf(pace, hand, messages[done] as KafkaMessage))) break;
        const until = partition.claim ? done + (pace.on ? 1 : mostClaimed) : messages.length;
        const end = Math.min(until, messages.length);
        if (partition.claim && !(await partition.claim(hand.offsetBehind(end), hand.commitOffset))) break;
        const { handled, failed } = await handleSlice(hand, partition, done, end);
        if (handled.length > 0) {
          await finish(hand, partition, done, handled);
          done += handled.length;
        }
        hand.expectPlace();
        if (failed) return waiting.tryLater(hand, messages[done] as KafkaMessage, failed.error);
      }
      hand.expectPlace();
    } catch (error) {
      if (isRebalance(error)) throw error;
      await restoreDeadLetters();
      // Throws nothing to kafkajs, which counts errors over the lifetime of a consumer and then gives up.
      waiting.tryLater(hand, messages[done] ?? { offset: hand.fetchedOffset }, error);
    }
  };

  /** Commits the offset after a batch without messages: transaction markers, or records of an aborted transaction. */
  async function passMarkers(hand: BatchInHand, partition: TaughtPartition) {
    const nextOffset = hand.offsetBehind(0);
    if (partition.claim) await partition.claim(nextOffset, hand.commitOffset);
    else {
      await partition.apply([], nextOffset);
      await partition.commit(nextOffset, hand.commitOffset);
    }
    hand.resolve(0);
  }

  /** Makes a slice durable. It is only handled again if the process crashes or loses the partition before the commit. */
  async function finish(hand: BatchInHand, partition: TaughtPartition, from: number, handled: Handled[]) {
    const { batch, messages } = hand;
    const end = from + handled.length;
    const nextOffset = hand.offsetBehind(end);
    let kept = handled;
    try {
      await partition.apply(handled, nextOffset);
      kept = handled.map((one) => ({ ...one, applied: true }));
      await partition.commit(nextOffset, hand.commitOffset);
    } catch (error) {
      // The handlers do not run again. Only the failed write or commit is retried.
      if (guarantee.keepsHandled)
        ahead.keep(
          batch.partition,
          kept.map((one, index) => [messages[from + index] as KafkaMessage, one]),
        );
      else if (hand.trace) for (const { processing } of handled) processing?.undone(error);
      throw error;
    }
    hand.resolve(end);
    if (hand.trace) for (const { processing } of handled) processing?.durable();
    report.finished(batch.partition, handled);
    waiting.succeeded(batch.partition);
    ahead.forgetBefore(batch.partition, nextOffset);
  }

  /** Handles messages until `until`, the end of the slice, the first transient failure, or a reason to stop. */
  async function handleSlice(
    hand: BatchInHand,
    partition: TaughtPartition,
    from: number,
    until: number,
  ): Promise<Slice> {
    const end = performance.now() + slice;
    // A failed message is retried alone. Otherwise each attempt would handle more messages after it, and a crash would repeat
    // them.
    const keys = keysInHand();
    const alone =
      keys > 1 && waiting.failuresAt(hand.batch.partition, hand.messages[from] as KafkaMessage) > 0;
    if (keys > 1 && !pace.on && !alone) return handleSideBySide(hand, partition, from, until, end, keys);
    const handled: Handled[] = [];
    for (let i = from; i < until && hand.goesOn && performance.now() < end; i++) {
      if (i > from && (pace.on || alone)) break; // a slice is then one message
      try {
        handled.push(await handleOne(hand, partition, hand.messages[i] as KafkaMessage));
      } catch (error) {
        return { handled, failed: { error } };
      }
    }
    return { handled };
  }

  /** Handles messages of several keys concurrently. Keeps outcomes after a failure, so these messages are not handled again. */
  async function handleSideBySide(
    hand: BatchInHand,
    partition: TaughtPartition,
    from: number,
    until: number,
    end: number,
    keys: number,
  ): Promise<Slice> {
    const { beginning, later, failed } = await sideBySide(hand.messages.slice(from, until), {
      limit: keys,
      keyOf: ({ key }) => key?.toString('latin1') ?? '', // messages without a key keep their order
      handle: (message) => handleOne(hand, partition, message),
      begins: () => hand.goesOn && !pace.on && performance.now() < end,
      fillsGaps: () => hand.isOurs,
    });
    ahead.keep(hand.batch.partition, later);
    return { handled: beginning, ...(failed && { failed }) };
  }

  async function handleOne(hand: BatchInHand, partition: TaughtPartition, message: KafkaMessage) {
    const { batch } = hand;
    const known = ahead.of(batch.partition, message);
    if (known) return known;
    const attempt = waiting.failuresAt(batch.partition, message) + 1;
    return handle(batch, message, attempt, partition.decided, hand.trace);
  }
}
