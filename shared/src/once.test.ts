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

test('what is made is kept, also for those who ask while it is being made', async () => {
  const once = counted(0);
  expect(await Promise.all([once.get(), once.get()])).toEqual([1, 1]);
  expect(await once.get()).toBe(1);
});

test('a failure reaches all who asked, and whoever asks next tries again', async () => {
  const once = counted(1);
  const asked = await Promise.allSettled([once.get(), once.get()]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await once.get()).toBe(2);
});

test('what was taken is made anew for whoever asks next', async () => {
  const once = counted(0);
  expect(once.take()).toBeNull();
  await once.get();
  expect(await once.take()).toBe(1);
  expect(await once.get()).toBe(2);
});

test('the failure of what was taken leaves alone what was made since', async () => {
  const once = counted(1);
  const first = once.get();
  once.take();
  const second = once.get();
  await expect(first).rejects.toThrow('failure 1');
  expect(await second).toBe(2);
  expect(await once.get()).toBe(2);
});
