import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Youngest } from './youngest.ts';

test('the youngest entries are kept, and each that has to go is the oldest at that moment', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50), { maxLength: 100 }),
      fc.integer({ min: 1, max: 20 }),
      (times, capacity) => {
        const youngest = new Youngest<number>(capacity);
        const kept = new Map<string, number>();
        for (const [n, time] of times.entries()) {
          const gone = youngest.add(`key-${n}`, time, time);
          kept.set(`key-${n}`, time);
          const oldest = Math.min(...kept.values());
          expect(gone).toBe(kept.size > capacity ? oldest : undefined);
          if (kept.size > capacity) {
            const [key = ''] = [...kept.keys()].filter((key) => youngest.get(key) === undefined);
            expect(kept.get(key)).toBe(oldest);
            kept.delete(key);
          }
          expect(youngest.size).toBe(kept.size);
        }
        expect([...kept.keys()].map((key) => youngest.get(key))).toEqual([...kept.values()]);
      },
    ),
  );
});
