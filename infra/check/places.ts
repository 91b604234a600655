/** Coordinates of records. */
import type { Entry, Place } from './facts.ts';

/** `ride_details/2/1041` */
export const place = (topic: string, { partition, offset }: Place) => `${topic}/${partition}/${offset}`;

export const list = (texts: string[]) =>
  texts.length > 5 ? `${texts.slice(0, 5).join(', ')} and ${texts.length - 5} more` : texts.join(', ');

/** Finds records by their coordinates. */
export class PartitionedLog {
  readonly #partitions = new Map<number, Entry[]>();

  /** @param entries sorted by offset in each partition */
  constructor(entries: Entry[]) {
    for (const entry of entries) {
      const partition = this.#partitions.get(entry.partition);
      if (partition) partition.push(entry);
      else this.#partitions.set(entry.partition, [entry]);
    }
  }

  at(place: Place | null): Entry | undefined {
    if (!place) return undefined;
    const { partition, offset } = place;
    const entries = this.#partitions.get(partition) ?? [];
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle] as Entry).offset < offset) low = middle + 1;
      else high = middle;
    }
    return entries[low]?.offset === offset ? entries[low] : undefined;
  }
}
