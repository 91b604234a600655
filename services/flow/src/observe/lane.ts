/** One partition as it is drawn: its newest messages and markers, and which of them are in an open transaction. */

import type { Lane as LaneView, Mark } from '../protocol.ts';
import { type Glance, glance } from './glance.ts';
import type { Watched, WatchedRecord } from './watched.ts';

/** Messages that a marker names of those that it ends: a transaction can have thousands. */
const named = 20;
/** The newest marks, which are all that can be drawn. */
const kept = 64;
/** Of so many that change at once, nobody reads the customers. */
const nameless = 32;
/** Of a customer, in characters: foreign writers may write any. */
const longestName = 64;

/** A record, and what its transaction came to. */
export interface Ended {
  glance: Glance;
  record: WatchedRecord;
  state: 'plain' | 'committed' | 'aborted';
  /** When that was: of a transaction, the time of its marker. Milliseconds since 1970. */
  at: number;
}

/** A transaction marker: the end of one transaction in one partition. */
export interface Marker {
  coordinates: string;
  what: 'commit' | 'abort';
  producer: string;
  epoch: number;
  /** When the coordinator ended the transaction, in milliseconds since 1970. */
  at: number;
  /** The coordinates of the first messages that it ends; empty where they are older than what was read. */
  ended: string[];
  /** How many messages it ends beyond those. */
  more: number;
}

/** A message as it is drawn. */
export function markOf(glance: Glance, state: Mark['state']): Mark {
  const { offset, settles, parkedFrom, cause, rejected } = glance;
  const from = settles ?? parkedFrom ?? cause;
  const customer = settles || parkedFrom ? null : glance.customer?.slice(0, longestName);
  const what = settles ? 'settled' : rejected ? 'rejected' : 'message';
  return { offset, what, state, ...(from && { cause: from }), ...(customer && { customer }) };
}

export class Lane {
  readonly topic: string;
  readonly partition: number;
  readonly kind: LaneView['kind'];
  #bounds = { start: 0, end: 0, stable: 0 };
  #marks: Mark[] = [];
  #changed = new Map<number, Mark>();
  #moved = true;
  /** Dead letters of messages that were not read yet: topics are not read in the order of their effects. */
  readonly #early = new Map<number, string>();
  /** By producer: what it has written in a transaction that is open. */
  readonly #open = new Map<string, { glance: Glance; record: WatchedRecord; mark: Mark }[]>();

  constructor(topic: string, partition: number, kind: LaneView['kind']) {
    this.topic = topic;
    this.partition = partition;
    this.kind = kind;
  }

  /**
   * Takes in what was fetched.
   * @param onRecord each record as it is written, be its transaction open
   * @param onMarker each transaction marker
   * @param onEnd each record that from now on counts, or never will, in the order in which that became certain
   */
  take(
    watched: Watched,
    onRecord: (glance: Glance, record: WatchedRecord) => void,
    onEnd: (ended: Ended) => void,
    onMarker: (marker: Marker) => void = () => {},
  ) {
    const { start, end, stable } = watched;
    const before = this.#bounds;
    if (before.start !== start || before.end !== end || before.stable !== stable) this.#moved = true;
    this.#bounds = { start, end, stable };
    for (const record of watched.records) {
      if (record.marker) {
        onMarker(this.#end(record, onEnd));
        continue;
      }
      const seen = glance(this.topic, this.partition, record);
      const mark = markOf(seen, record.producer === null ? 'plain' : 'open');
      const deadLetter = this.#early.get(record.offset);
      if (deadLetter !== undefined) mark.deadLetter = deadLetter;
      this.#early.delete(record.offset);
      this.#draw(mark);
      onRecord(seen, record);
      if (record.producer === null) onEnd({ glance: seen, record, state: 'plain', at: record.timestamp });
      else {
        const open = this.#open.get(record.producer) ?? [];
        this.#open.set(record.producer, open);
        open.push({ glance: seen, record, mark });
      }
    }
  }

  /** A message of this lane is a dead letter. */
  park(offset: number, deadLetter: string): void {
    const mark = this.#marks.find((mark) => mark.offset === offset);
    if (!mark) {
      if (offset > (this.#marks.at(-1)?.offset ?? -1) && this.#early.size < kept)
        this.#early.set(offset, deadLetter);
      return;
    }
    mark.deadLetter = deadLetter;
    this.#changed.set(offset, mark);
  }

  /** What is known of a request that nothing has become of; null: something has. */
  setFate(offset: number, fate: Mark['fate'] | null): void {
    const mark = this.#marks.find((mark) => mark.offset === offset);
    if (!mark || mark.fate === (fate ?? undefined)) return;
    if (fate) mark.fate = fate;
    else delete mark.fate;
    this.#changed.set(offset, mark);
  }

  view(): LaneView {
    const { topic, partition, kind } = this;
    return { topic, partition, kind, ...this.#bounds, marks: this.#marks.slice(-kept) };
  }

  /** Since the change was asked for the last time. */
  get changed(): boolean {
    return this.#moved || this.#changed.size > 0;
  }

  /** What changed since it was asked for the last time; null: nothing. */
  change(): LaneView | null {
    if (!this.changed) return null;
    const marks = [...this.#changed.values()].sort((a, b) => a.offset - b.offset).slice(-kept);
    this.#changed = new Map();
    this.#moved = false;
    const named = marks.length <= nameless;
    return { ...this.view(), marks: named ? marks : marks.map(({ customer, ...mark }) => mark) };
  }

  #end(marker: WatchedRecord, onEnd: (ended: Ended) => void): Marker {
    const producer = marker.producer as string;
    const state = marker.marker === 'commit' ? 'committed' : 'aborted';
    const ended = this.#open.get(producer) ?? [];
    for (const { glance, record, mark } of ended) {
      mark.state = state;
      this.#changed.set(mark.offset, mark);
      onEnd({ glance, record, state, at: marker.timestamp });
    }
    this.#open.delete(producer);
    this.#draw({ offset: marker.offset, what: marker.marker as 'commit', state });
    const { topic, partition } = this;
    return {
      coordinates: `${topic}/${partition}/${marker.offset}`,
      what: marker.marker as Marker['what'],
      producer,
      epoch: marker.epoch,
      at: marker.timestamp,
      ended: ended.slice(0, named).map(({ mark }) => `${topic}/${partition}/${mark.offset}`),
      more: Math.max(0, ended.length - named),
    };
  }

  #draw(mark: Mark) {
    this.#marks.push(mark);
    if (this.#marks.length > 2 * kept) this.#marks = this.#marks.slice(-kept);
    this.#changed.set(mark.offset, mark);
    // Only what can still be drawn is worth telling.
    if (this.#changed.size > 4 * kept) this.#changed = new Map([...this.#changed].slice(-kept));
  }
}
