/** The coordinates of a message in their parts. Pure. */
export interface Place {
  topic: string;
  partition: number;
  offset: number;
}

/** @param coordinates `ride_details/0/41`; null for any other text */
export function placeOf(coordinates: string | null): Place | null {
  const [, topic, partition, offset] = /^(.+)\/(\d{1,9})\/(\d{1,15})$/.exec(coordinates ?? '') ?? [];
  return topic === undefined ? null : { topic, partition: Number(partition), offset: Number(offset) };
}
