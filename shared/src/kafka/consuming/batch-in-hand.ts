/** A batch that is being worked on, and whether the work may go on: the one place that says so. */
import type { Batch, EachBatchPayload, KafkaMessage } from '../client/kafkajs.ts';
import { after, afterBatch, isRebalance, offsetOf } from '../client/offsets.ts';
import type { CommitOffset } from '../guarantees/guarantee.ts';
import { heartbeatInterval } from './membership.ts';

interface Owner {
  /** The assignment that the batch came with still lasts. */
  isAssigned(): boolean;
  /** The partition goes on at this offset, and what is in hand of it is stale. */
  seek(offset: string): void;
}

export class BatchInHand {
  readonly batch: Batch;
  readonly seek: Owner['seek'];
  readonly #isAssigned: Owner['isAssigned'];
  readonly #payload: EachBatchPayload;
  readonly #timer: NodeJS.Timeout;
  /** Why this member lost its place in the group; kafkajs must get it unchanged, so that it joins again. */
  #lostPlace: unknown;

  /** Sends heartbeats until it is `done`, since the fetch loop sends none meanwhile. */
  constructor(payload: EachBatchPayload, { isAssigned, seek }: Owner) {
    this.batch = payload.batch;
    this.#isAssigned = isAssigned;
    this.seek = seek;
    this.#payload = payload;
    this.#timer = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        if (isRebalance(error)) this.#lostPlace = error;
      });
    }, heartbeatInterval);
  }

  /** Still this member's: what is in hand may come to its end. */
  get isOurs(): boolean {
    return this.#isAssigned() && !this.#payload.isStale() && this.#lostPlace === undefined;
  }

  /** A further message may be begun: the batch is still this member's, and the process is not stopping. */
  get goesOn(): boolean {
    return this.#payload.isRunning() && this.isOurs;
  }

  get messages(): KafkaMessage[] {
    return this.batch.messages;
  }

  /** Where the batch was fetched from. */
  get fetchedOffset(): string {
    return (this.batch as unknown as { fetchedOffset: string }).fetchedOffset;
  }

  /** The offset behind so many of its messages. Behind the last one it counts the markers too. */
  offsetBehind(count: number): string {
    return count >= this.messages.length
      ? afterBatch(this.batch)
      : after(this.messages[count - 1] as KafkaMessage);
  }

  readonly commitOffset: CommitOffset = (nextOffset) => {
    const { topic, partition } = this.batch;
    return this.#payload.commitOffsetsIfNecessary(offsetOf(topic, partition, nextOffset));
  };

  /** What lies before this many messages is finished: it is not fetched again. */
  resolve(count: number): void {
    const last = this.messages[count - 1];
    this.#payload.resolveOffset(last?.offset ?? this.batch.lastOffset());
  }

  /** Fetches nothing of this partition until the returned function is called. The other partitions go on. */
  pause(): () => void {
    return this.#payload.pause();
  }

  /** @throws what kafkajs has to hear when this member lost its place in the group */
  expectPlace(): void {
    if (this.#lostPlace !== undefined) throw this.#lostPlace;
  }

  done(): void {
    clearInterval(this.#timer);
  }
}
