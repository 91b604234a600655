/**
 * Handles messages of one partition with several keys in hand at once: messages of one key one after the other, in order,
 * messages of different keys side by side. Whoever commits an offset still needs a beginning without gaps, so:
 * - a failure ends the beginning, and what lies before it is handled to its end first;
 * - at a failure nothing new is begun, but what lies after it and is in hand may come to its end: the caller keeps that, so that
 *   it is not handled again when the partition goes on at the failure.
 */

/** Messages that were passed over because their key was in hand; more of them, and nothing new is begun. */
const mostBehind = 50;

interface Order<Message, Result> {
  /** How many keys may be in hand at once. */
  limit: number;
  /** Messages of one key are never in hand together. */
  keyOf(message: Message): string;
  handle(message: Message): Promise<Result>;
  /** Whether a message may be begun that lies behind all others begun so far. */
  begins(): boolean;
  /** Whether one may be begun that lies before others. False: nothing is begun any more, whatever gaps that leaves. */
  fillsGaps(): boolean;
}

export interface Outcome<Message, Result> {
  /** Of the messages from the first one on, without a gap. */
  beginning: Result[];
  /** Of messages behind that. */
  later: Map<Message, Result>;
  /** Why the message behind the beginning was not handled; undefined when it was not begun. */
  failed?: { error: unknown };
}

/** Resolves when nothing is in hand any more; never rejects because of a handler. */
export function sideBySide<Message, Result>(
  messages: readonly Message[],
  { limit, keyOf, handle, begins, fillsGaps }: Order<Message, Result>,
): Promise<Outcome<Message, Result>> {
  const { promise, resolve } = Promise.withResolvers<Outcome<Message, Result>>();
  const results = new Map<number, Result>();
  /** The keys in hand, and the messages that wait for them. */
  const behind = new Map<string, number[]>();
  let waiting = 0;
  /** Messages whose key is free again, in hand as soon as there is room. */
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
    // What lies behind a failure waits for it; so nothing of the failed message's key overtakes it.
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
