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
