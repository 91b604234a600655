import { expect, test } from '@jest/globals';
import { Once } from './once.ts';

const counted = (failures: number) => {
  let made = 0;
  return new Once(async () => {
    made++;
    if (made <= failures) throw new Error(`failure ${made}`);
    return made;
  });
};

test('a value is kept, also for callers that ask while it is being created', async () => {
  const once = counted(0);
  expect(await Promise.all([once.get(), once.get()])).toEqual([1, 1]);
  expect(await once.get()).toBe(1);
});

test('a failure reaches all callers, and the next caller tries again', async () => {
  const once = counted(1);
  const asked = await Promise.allSettled([once.get(), once.get()]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await once.get()).toBe(2);
});

test('a taken value is created again for the next caller', async () => {
  const once = counted(0);
  expect(once.take()).toBeNull();
  await once.get();
  expect(await once.take()).toBe(1);
  expect(await once.get()).toBe(2);
});

test('the failure of a taken value does not affect a newer one', async () => {
  const once = counted(1);
  const first = once.get();
  once.take();
  const second = once.get();
  await expect(first).rejects.toThrow('failure 1');
  expect(await second).toBe(2);
  expect(await once.get()).toBe(2);
});
