/**
 * A message that its reader can never process. It goes to the reader's dead-letter topic, and the reader continues. Any other
 * error of a handler is transient: the partition is paused and the message is retried.
 */
export class Unprocessable extends Error {
  override name = 'Unprocessable';
  /** @param reason what is wrong and what is accepted, for a person to read */
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
  }
}

/** The name of the Kafka error behind an error, such as INVALID_PRODUCER_EPOCH; undefined if there is none. */
export function kafkaErrorOf(error: unknown): string | undefined {
  for (let one = error as { type?: string; cause?: unknown } | undefined; one; one = one.cause as typeof one)
    if (one.type) return one.type;
  return undefined;
}
