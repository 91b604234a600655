/** Where the newest messages of a topic begin. An offset is not a message: transaction markers and aborted records take offsets too. */
import type { Bounds } from './fetch-without-group.ts';
import type { ReadStretch } from './read-back.ts';

/** How far back at most, in offsets for each message that is wanted. A transaction of one message takes two. */
const farthest = 10;

export interface Beginning extends Bounds {
  /** The first of the newest messages; `end` where the partition has none of them. */
  from: number;
  /** At most so many messages lie between `from` and `end`. */
  messages: number;
}

/**
 * Goes back in the partitions of a topic until together they hold so many messages: the newest by their timestamps, so a busy
 * partition counts for more than a quiet one.
 * @param atLeast how many messages of a partition are wanted even where others are newer
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
  // What lies before the messages that were read may be newer than the oldest of those in another partition.
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
  /** Of the messages that were read, the newest first; in milliseconds since 1970. */
  readonly times: number[] = [];
  /** How many of them are wanted. */
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

  /** Of the newest message that is not taken. */
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
    // Mostly a little is missing after the first time; where it is much, it doubles.
    this.#step = to === end ? Math.max(100, Math.ceil(this.#step / 8)) : this.#step * 2;
  }

  beginning(atLeast: number): Beginning {
    const messages = Math.min(this.times.length, Math.max(this.taken, atLeast));
    return { ...this.bounds, from: this.#offsets[messages - 1] ?? this.bounds.end, messages };
  }
}
