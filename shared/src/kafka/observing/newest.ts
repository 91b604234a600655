/**
 * Finds where the newest messages of a topic start. Not every offset is a message: transaction markers and aborted records
 * take offsets too.
 */
import type { Bounds } from './fetch-without-group.ts';
import type { ReadStretch } from './read-back.ts';

/** The most offsets to go back for each requested message. A transaction with one message takes two offsets. */
const farthest = 10;

export interface Beginning extends Bounds {
  /** The first of the newest messages; `end` if the partition has none of them. */
  from: number;
  /** The most messages between `from` and `end`. */
  messages: number;
}

/**
 * Goes back in the partitions of a topic until they have this many messages together. Chooses the newest by timestamp, so a
 * busy partition contributes more than a quiet one.
 * @param atLeast the least number of messages of each partition, even if others are newer
 */
export async function newest(
  count: number,
  partitions: Bounds[],
  read: ReadStretch,
  atLeast: (partition: number) => number,
): Promise<Beginning[]> {
  const offsets = partitions.reduce((sum, { start, end }) => sum + end - start, 0);
  if (offsets <= count)
    return partitions.map((bounds) => ({
      ...bounds,
      from: bounds.start,
      messages: bounds.end - bounds.start,
    }));
  const share = Math.ceil(count / partitions.length);
  const tails = partitions.map((bounds) => new Tail(bounds, share, farthest * count, read));
  const loadWhere = async (short: (tail: Tail) => boolean) => {
    const wanting = tails.filter((tail) => !tail.atStart && short(tail));
    for (const tail of wanting) await tail.load();
    return wanting.length > 0;
  };
  // Unread messages of this partition may be newer than the oldest chosen message of another partition.
  let since: number;
  do {
    const times = tails.flatMap(({ times }) => times).sort((a, b) => b - a);
    since = times[count - 1] ?? Number.NEGATIVE_INFINITY;
  } while (await loadWhere(({ times }) => (times.at(-1) ?? Number.POSITIVE_INFINITY) > since));
  while (await loadWhere(({ bounds, times }) => times.length < atLeast(bounds.partition)));
  for (let left = count; left > 0; left--) {
    const next = tails.reduce((one, other) => (other.time > one.time ? other : one));
    if (next.time === Number.NEGATIVE_INFINITY) break;
    next.taken++;
  }
  return tails.map((tail) => tail.beginning(atLeast(tail.bounds.partition)));
}

/** The end of one partition, read backwards. */
class Tail {
  readonly bounds: Bounds;
  /** Timestamps of the messages read so far, newest first; in milliseconds since 1970. */
  readonly times: number[] = [];
  /** The number of requested messages. */
  taken = 0;
  readonly #offsets: number[] = [];
  readonly #read: ReadStretch;
  readonly #limit: number;
  #from: number;
  #step: number;

  constructor(bounds: Bounds, share: number, farthest: number, read: ReadStretch) {
    this.bounds = bounds;
    this.#read = read;
    this.#limit = Math.max(bounds.start, bounds.end - farthest);
    this.#from = bounds.end;
    this.#step = share;
  }

  get atStart(): boolean {
    return this.#from <= this.#limit;
  }

  /** The timestamp of the newest message that is not chosen. */
  get time(): number {
    return this.times[this.taken] ?? Number.NEGATIVE_INFINITY;
  }

  async load(): Promise<void> {
    const { topic, partition, end } = this.bounds;
    const to = this.#from;
    this.#from = Math.max(this.#limit, to - this.#step);
    const [times, offsets]: [number[], number[]] = [[], []];
    await this.#read({ topic, partition, from: this.#from, to }, ({ offset, timestamp }) => {
      times.push(Number(timestamp));
      offsets.push(Number(offset));
    });
    for (const time of times.reverse()) this.times.push(time);
    for (const offset of offsets.reverse()) this.#offsets.push(offset);
    // After the first pass, usually little is missing. If much is missing, the range doubles.
    this.#step = to === end ? Math.max(100, Math.ceil(this.#step / 8)) : this.#step * 2;
  }

  beginning(atLeast: number): Beginning {
    const messages = Math.min(this.times.length, Math.max(this.taken, atLeast));
    return { ...this.bounds, from: this.#offsets[messages - 1] ?? this.bounds.end, messages };
  }
}
