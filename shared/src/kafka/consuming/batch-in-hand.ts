/** A batch in progress. Only this class decides whether the work may continue. */

import type { BatchTrace } from '../../tracing/spans.ts';
import type { Batch, EachBatchPayload, KafkaMessage } from '../client/kafkajs.ts';
import { after, afterBatch, isRebalance, offsetOf } from '../client/offsets.ts';
import type { CommitOffset } from '../guarantees/guarantee.ts';
import { heartbeatInterval } from './membership.ts';

interface Owner {
  /** Whether the partition assignment of the batch is still valid. */
  isAssigned(): boolean;
  /** The partition continues at this offset, and its work in progress is stale. */
  seek(offset: string): void;
}

export class BatchInHand {
  readonly batch: Batch;
  readonly seek: Owner['seek'];
  /** The spans of this batch, if it is traced. */
  readonly trace: BatchTrace | undefined;
  readonly #isAssigned: Owner['isAssigned'];
  readonly #payload: EachBatchPayload;
  readonly #timer: NodeJS.Timeout;
  /** Why this member is no longer in the group. kafkajs must get this error unchanged, so it rejoins. */
  #lostPlace: unknown;

  /** Sends heartbeats until it is `done`, because the fetch loop sends none meanwhile. */
  constructor(payload: EachBatchPayload, { isAssigned, seek }: Owner, trace?: BatchTrace) {
    this.batch = payload.batch;
    this.trace = trace;
    this.#isAssigned = isAssigned;
    this.seek = seek;
    this.#payload = payload;
    this.#timer = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        if (isRebalance(error)) this.#lostPlace = error;
      });
    }, heartbeatInterval);
  }

  /** The partition still belongs to this member, so work in progress may finish. */
  get isOurs(): boolean {
    return this.#isAssigned() && !this.#payload.isStale() && this.#lostPlace === undefined;
  }

  /** Another message may start: the partition still belongs to this member, and the process is not stopping. */
  get goesOn(): boolean {
    return this.#payload.isRunning() && this.isOurs;
  }

  get messages(): KafkaMessage[] {
    return this.batch.messages;
  }

  /** The topic partition of the batch. */
  get fetchedOffset(): string {
    return (this.batch as unknown as { fetchedOffset: string }).fetchedOffset;
  }

  /** The offset after this many of its messages. After the last one, it includes the transaction markers. */
  offsetBehind(count: number): string {
    return count >= this.messages.length
      ? afterBatch(this.batch)
      : after(this.messages[count - 1] as KafkaMessage);
  }

  readonly commitOffset: CommitOffset = (nextOffset) => {
    const { topic, partition } = this.batch;
    const commit = () => this.#payload.commitOffsetsIfNecessary(offsetOf(topic, partition, nextOffset));
    return this.trace ? this.trace.commits(nextOffset, commit) : commit();
  };

  /** Marks this many messages as finished. They are not fetched again. */
  resolve(count: number): void {
    const last = this.messages[count - 1];
    this.#payload.resolveOffset(last?.offset ?? this.batch.lastOffset());
  }

  /** Pauses this partition until the returned function is called. The other partitions continue. */
  pause(): () => void {
    return this.#payload.pause();
  }

  /** @throws the error that kafkajs must get when this member is no longer in the group */
  expectPlace(): void {
    if (this.#lostPlace !== undefined) throw this.#lostPlace;
  }

  done(): void {
    clearInterval(this.#timer);
  }
}
