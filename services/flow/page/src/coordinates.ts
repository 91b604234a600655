/** A message's place: `ride_details/1/1041`. */
export interface Place {
  topic: string;
  partition: number;
  offset: number;
}

export const written = ({ topic, partition, offset }: Place) => `${topic}/${partition}/${offset}`;

/** null for what is no place of a message. */
export function placeOf(text: string): Place | null {
  const match = /^([\w.-]+)\/(\d+)\/(\d+)$/.exec(text);
  return match ? { topic: match[1] as string, partition: Number(match[2]), offset: Number(match[3]) } : null;
}
