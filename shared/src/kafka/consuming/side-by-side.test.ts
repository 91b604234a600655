import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sideBySide } from './side-by-side.ts';

interface Message {
  offset: number;
  key: string;
}
const listOf = (keys: string): Message[] => [...keys].map((key, offset) => ({ offset, key }));

/** Handles with gates that the test opens. */
function byHand(keys: string, limit: number) {
  const gates = new Map<number, PromiseWithResolvers<void>>();
  const begun: number[] = [];
  const state = { begins: true, fillsGaps: true };
  const outcome = sideBySide(listOf(keys), {
    limit,
    keyOf: ({ key }) => key,
    begins: () => state.begins,
    fillsGaps: () => state.fillsGaps,
    handle: async ({ offset }) => {
      begun.push(offset);
      const gate = Promise.withResolvers<void>();
      gates.set(offset, gate);
      await gate.promise;
      return offset;
    },
  });
  const settle = async (how: (gate: PromiseWithResolvers<void>) => void, offsets: number[]) => {
    for (const offset of offsets) how(gates.get(offset) as PromiseWithResolvers<void>);
    await turn();
  };
  return {
    begun,
    state,
    outcome,
    finish: (...offsets: number[]) => settle((gate) => gate.resolve(), offsets),
    fail: (...offsets: number[]) => settle((gate) => gate.reject(new Error('busy')), offsets),
  };
}

test('messages of different keys are handled concurrently, those of one key one after the other', async () => {
  const it = byHand('aabc', 3);
  expect(it.begun).toEqual([0, 2, 3]);
  await it.finish(3);
  expect(it.begun).toEqual([0, 2, 3]);
  await it.finish(0);
  expect(it.begun).toEqual([0, 2, 3, 1]);
  await it.finish(1, 2);
  expect(await it.outcome).toEqual({ beginning: [0, 1, 2, 3], later: new Map() });
});

test('the limit of concurrent keys holds', async () => {
  const it = byHand('abcd', 2);
  expect(it.begun).toEqual([0, 1]);
  await it.finish(1);
  expect(it.begun).toEqual([0, 1, 2]);
});

test('after a failure nothing new starts; earlier messages are handled, and later ones in progress are reported', async () => {
  const it = byHand('aabcde', 3);
  expect(it.begun).toEqual([0, 2, 3]);
  await it.fail(2); // 1 waits behind 0 and lies before the failure, 4 and 5 lie behind it
  await it.finish(3);
  expect(it.begun).toEqual([0, 2, 3]);
  await it.finish(0);
  expect(it.begun).toEqual([0, 2, 3, 1]);
  await it.finish(1);
  const { beginning, later, failed } = await it.outcome;
  expect(beginning).toEqual([0, 1]);
  expect([...later.values()]).toEqual([3]);
  expect(failed).toMatchObject({ error: { message: 'busy' } });
});

test('no message of the same key overtakes a failure', async () => {
  const it = byHand('baab', 2);
  await it.fail(1);
  await it.finish(0);
  const { beginning, later } = await it.outcome;
  expect(it.begun).toEqual([0, 1]);
  expect(beginning).toEqual([0]);
  expect(later.size).toBe(0);
});

test('of several failures the first message counts', async () => {
  const it = byHand('abc', 3);
  await it.fail(2);
  await it.fail(1);
  await it.finish(0);
  expect(await it.outcome).toMatchObject({ beginning: [0], failed: { error: expect.anything() } });
});

test('when nothing new may start, gaps are filled, so everything handled can be committed', async () => {
  const it = byHand('aabc', 2);
  it.state.begins = false;
  await it.finish(2);
  expect(it.begun).toEqual([0, 2]);
  await it.finish(0);
  expect(it.begun).toEqual([0, 2, 1]);
  await it.finish(1);
  expect((await it.outcome).beginning).toEqual([0, 1, 2]);
});

test('after the partition is lost nothing starts, not even to fill a gap', async () => {
  const it = byHand('aabc', 2);
  it.state.fillsGaps = false;
  await it.finish(0, 2);
  const { beginning, later, failed } = await it.outcome;
  expect(it.begun).toEqual([0, 2]);
  expect(beginning).toEqual([0]);
  expect([...later.values()]).toEqual([2]);
  expect(failed).toBeUndefined();
});

test('a key with very many messages does not let the others run far ahead of it', async () => {
  const it = byHand(`${'a'.repeat(500)}b`, 2);
  expect(it.begun).toEqual([0]);
});

test('with any failures and durations: order for each key, each message at most once, and a beginning without gaps', async () => {
  const script = fc.record({
    keys: fc.stringMatching(/^[abc]{0,40}$/),
    limit: fc.integer({ min: 1, max: 5 }),
    fails: fc.array(fc.nat(40), { maxLength: 3 }),
    turns: fc.array(fc.nat(5), { minLength: 41, maxLength: 41 }),
  });
  await fc.assert(
    fc.asyncProperty(script, async ({ keys, limit, fails, turns }) => {
      const begun: Message[] = [];
      const busy = new Set<string>();
      const messages = listOf(keys);
      const { beginning, later, failed } = await sideBySide(messages, {
        limit,
        keyOf: ({ key }) => key,
        begins: () => true,
        fillsGaps: () => true,
        handle: async (message) => {
          begun.push(message);
          expect(busy.has(message.key)).toBe(false);
          busy.add(message.key);
          expect(busy.size).toBeLessThanOrEqual(limit);
          for (let i = 0; i < (turns[message.offset] ?? 0); i++) await turn();
          busy.delete(message.key);
          if (fails.includes(message.offset)) throw new Error('busy');
          return message.offset;
        },
      });
      expect(new Set(begun).size).toBe(begun.length);
      for (const key of 'abc') {
        const offsets = begun.filter((message) => message.key === key).map(({ offset }) => offset);
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      }
      const first = Math.min(...fails.filter((offset) => offset < keys.length), keys.length);
      // A failure that was begun ends the beginning; one that was not can only lie behind another.
      expect(beginning).toEqual(messages.slice(0, beginning.length).map(({ offset }) => offset));
      expect(beginning).toHaveLength(first);
      expect(failed !== undefined).toBe(first < keys.length);
      for (const offset of later.values()) expect(offset).toBeGreaterThan(first);
      expect(begun).toHaveLength(
        beginning.length + later.size + begun.filter(({ offset }) => fails.includes(offset)).length,
      );
    }),
    { numRuns: 300 },
  );
});
