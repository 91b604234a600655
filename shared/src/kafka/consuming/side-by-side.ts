/**
 * Handles messages of several keys of one partition concurrently. Messages with the same key are handled in order, one after
 * the other. A commit needs a beginning without gaps, so:
 * - a failure ends the beginning, and the messages before it are finished first;
 * - after a failure no message starts, but later messages in progress may finish. The caller keeps their outcomes, so they are
 *   not handled again when the partition continues at the failure.
 */

/** The most messages that are skipped because their key is in progress. With more, no new message starts. */
const mostBehind = 50;

interface Order<Message, Result> {
  /** The most keys in progress at once. */
  limit: number;
  /** Messages with the same key are never handled at the same time. */
  keyOf(message: Message): string;
  handle(message: Message): Promise<Result>;
  /** Whether a message may start that comes after all messages started so far. */
  begins(): boolean;
  /** Whether a message may start that comes before others. False: nothing starts any more, even if that leaves gaps. */
  fillsGaps(): boolean;
}

export interface Outcome<Message, Result> {
  /** Outcomes from the first message on, without a gap. */
  beginning: Result[];
  /** Outcomes of later messages. */
  later: Map<Message, Result>;
  /** Why the message after the beginning failed; undefined if it was not started. */
  failed?: { error: unknown };
}

/** Resolves when nothing is in progress. Never rejects because of a handler. */
export function sideBySide<Message, Result>(
  messages: readonly Message[],
  { limit, keyOf, handle, begins, fillsGaps }: Order<Message, Result>,
): Promise<Outcome<Message, Result>> {
  const { promise, resolve } = Promise.withResolvers<Outcome<Message, Result>>();
  const results = new Map<number, Result>();
  /** The keys in progress, and the messages that wait for them. */
  const behind = new Map<string, number[]>();
  let waiting = 0;
  /** Messages whose key is free again. They start as soon as there is a slot. */
  let ready: number[] = [];
  let next = 0;
  let inHand = 0;
  let failed: { at: number; error: unknown } | undefined;

  function take(): number | undefined {
    if (!fillsGaps()) return undefined;
    const gap = ready.shift();
    if (gap !== undefined) return gap;
    while (!failed && next < messages.length && waiting < mostBehind && begins()) {
      const index = next++;
      const key = keyOf(messages[index] as Message);
      const line = behind.get(key);
      if (!line) {
        behind.set(key, []);
        return index;
      }
      line.push(index);
      waiting++;
    }
    return undefined;
  }

  async function begin(index: number) {
    const message = messages[index] as Message;
    inHand++;
    try {
      results.set(index, await handle(message));
    } catch (error) {
      if (!failed || index < failed.at) failed = { at: index, error };
    }
    inHand--;
    const key = keyOf(message);
    const following = behind.get(key)?.shift();
    if (following === undefined) behind.delete(key);
    else {
      waiting--;
      ready.push(following);
    }
    // Messages after a failure wait for it, so no message with the same key overtakes it.
    if (failed) ready = ready.filter((index) => index < (failed?.at ?? 0));
    goOn();
  }

  function goOn() {
    while (inHand < limit) {
      const index = take();
      if (index === undefined) break;
      void begin(index);
    }
    if (inHand === 0) resolve(outcome());
  }

  function outcome(): Outcome<Message, Result> {
    const beginning: Result[] = [];
    for (let i = 0; results.has(i); i++) beginning.push(results.get(i) as Result);
    const later = [...results].filter(([index]) => index > beginning.length);
    return {
      beginning,
      later: new Map(later.map(([index, result]) => [messages[index] as Message, result])),
      ...(failed?.at === beginning.length && { failed: { error: failed.error } }),
    };
  }

  goOn();
  return promise;
}
