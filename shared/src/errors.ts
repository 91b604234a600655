/**
 * A message that its reader can never process, however often it tries: it goes to that reader's dead-letter topic and the
 * reader goes on. Any other error that a handler throws is transient: the partition is paused and the message tried again.
 */
export class Unprocessable extends Error {
  override name = 'Unprocessable';
  /** @param reason what is wrong and what would be accepted, in words for a person */
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
  }
}
