/**
 * Teaching features of a reader: it can crash at a named point, or work slowly enough to watch. Wraps the steps of a
 * guarantee. Costs one comparison while unused.
 */
import { crashPoint } from '../../crash-points.ts';
import type { Pace } from '../../pace.ts';
import type { KafkaMessage } from '../client/kafkajs.ts';
import type { AssignedPartition, CommitOffset, Handled } from '../guarantees/guarantee.ts';
import type { BatchInHand } from './batch-in-hand.ts';
import { at } from './report.ts';

/** Waits until the pace allows this message. False: the batch does not continue. */
export function turnOf(pace: Pace, hand: BatchInHand, message: KafkaMessage): Promise<boolean> {
  return pace.turn({ ...at(hand.batch, message), where: 'before its handling' }, () => hand.goesOn);
}

/** The steps of a guarantee for one batch, with the points where the process can crash or wait. */
export class TaughtPartition implements Omit<AssignedPartition, 'close'> {
  readonly #inner: AssignedPartition;
  readonly #hand: BatchInHand;
  readonly #pace: Pace;

  constructor(inner: AssignedPartition, hand: BatchInHand, pace: Pace) {
    this.#inner = inner;
    this.#hand = hand;
    this.#pace = pace;
    const { claim } = inner;
    if (!claim) return;
    this.claim = async (nextOffset, commitOffset) => {
      const ours = await claim.call(inner, nextOffset, commitOffset);
      crashPoint('after-commit');
      return ours;
    };
  }

  claim?: NonNullable<AssignedPartition['claim']>;

  get decided() {
    return this.#inner.decided;
  }

  begin() {
    return this.#inner.begin();
  }

  async apply(handled: Handled[], nextOffset: string) {
    const { trace } = this.#hand;
    if (handled.length === 0) return this.#inner.apply(handled, nextOffset, trace);
    crashPoint('before-produce');
    await this.#inner.apply(handled, nextOffset, trace);
    crashPoint('after-produce');
    const { longestHold } = this.#inner;
    if (this.#pace.on && longestHold !== undefined) await this.#hold(handled, longestHold);
  }

  async commit(nextOffset: string, commitOffset: CommitOffset) {
    await this.#inner.commit(nextOffset, commitOffset, this.#hand.trace);
    if (!this.claim) crashPoint('after-commit');
  }

  async #hold(handled: Handled[], longest: number) {
    const offset = handled.at(-1)?.trace?.offset;
    if (offset === undefined) return;
    const { topic, partition } = this.#hand.batch;
    const held = { topic, partition, offset, where: 'in the open transaction' } as const;
    await this.#pace.turn(held, () => this.#hand.goesOn, longest);
  }
}
