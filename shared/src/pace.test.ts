import { describe, expect, test } from '@jest/globals';
import { type Held, Pace, parsePace } from './pace.ts';

const message = (offset: number): Held => ({
  topic: 'ride_details',
  partition: 0,
  offset: String(offset),
  where: 'before its handling',
});
const always = () => true;
/** What a wait has come to by now. */
const soFar = (wait: Promise<boolean>) =>
  Promise.race([wait, new Promise((resolve) => void setImmediate(() => resolve(undefined)))]);

describe('a message', () => {
  test('continues at once at full speed', async () => {
    const pace = new Pace(() => {});
    expect(pace.on).toBe(false);
    expect(await pace.turn(message(0), always)).toBe(true);
  });

  test('waits while the pace is paused, until it is resumed', async () => {
    const pace = new Pace(() => {});
    pace.set({ paused: true });
    expect(pace.on).toBe(true);
    const wait = pace.turn(message(0), always);
    expect(await soFar(wait)).toBeUndefined();
    expect(pace.held).toEqual([message(0)]);
    pace.set({ paused: false });
    expect(await wait).toBe(true);
    expect([pace.on, pace.held]).toEqual([false, []]);
  });

  test('waits for its delay, and no longer when the delay is removed', async () => {
    const pace = new Pace(() => {});
    pace.set({ delay: 1 });
    expect(await pace.turn(message(0), always)).toBe(true);
    pace.set({ delay: 5000 });
    const wait = pace.turn(message(1), always);
    expect(await soFar(wait)).toBeUndefined();
    expect(pace.held).toEqual([]); // it goes on by itself
    pace.set({ delay: 0 });
    expect(await wait).toBe(true);
  });

  test('continues with its own step: one for each message, in order of arrival', async () => {
    const pace = new Pace(() => {});
    pace.set({ step: true });
    const waits = [0, 1].map((offset) => pace.turn(message(offset), always));
    expect(pace.step()).toEqual(message(0));
    expect(await waits[0]).toBe(true);
    expect(await soFar(waits[1] as Promise<boolean>)).toBeUndefined();
    expect(pace.step()).toEqual(message(1));
    expect(await waits[1]).toBe(true);
  });

  test('that arrives after an unused step still waits', async () => {
    const pace = new Pace(() => {});
    pace.set({ step: true });
    expect(pace.step()).toBeNull();
    const wait = pace.turn(message(0), always);
    expect(await soFar(wait)).toBeUndefined();
    pace.set({ step: false });
    expect(await wait).toBe(true);
  });

  test('does not wait longer than it can', async () => {
    const pace = new Pace(() => {});
    pace.set({ paused: true });
    expect(await pace.turn(message(0), always, 1)).toBe(true);
    expect(pace.held).toEqual([]);
  });

  test('stops waiting when its reader stops or loses the partition', async () => {
    const pace = new Pace(() => {});
    pace.set({ paused: true });
    let running = true;
    const wait = pace.turn(message(0), () => running);
    expect(await soFar(wait)).toBeUndefined();
    running = false;
    expect(await wait).toBe(false);
    expect(await pace.turn(message(0), () => false)).toBe(false);
    expect(pace.held).toEqual([]);
  });
});

test('the callback is called when a message starts and stops waiting', async () => {
  const shown: number[] = [];
  const pace: Pace = new Pace(() => shown.push(pace.held.length));
  pace.set({ step: true });
  const wait = pace.turn(message(0), always);
  pace.step();
  await wait;
  expect(shown).toEqual([0, 1, 0, 0]);
});

describe('a requested pace', () => {
  test.each([[{ delay: 0, paused: true, step: false }], [{ delay: 5000 }], [{}]])(
    '%j is accepted',
    (value) => {
      expect(parsePace(value)).toEqual(value);
    },
  );

  const delay = '"delay" must be a whole number of milliseconds from 0 to 5000';
  test.each([
    [{ delay: 5001 }, delay],
    [{ delay: -1 }, delay],
    [{ delay: 0.5 }, delay],
    [{ delay: '100' }, delay],
    [{ paused: 'yes', step: 1 }, '"paused" must be true or false; "step" must be true or false'],
    [{ speed: 1 }, 'must be a JSON object with delay, paused and step, each optional'],
    [undefined, 'must be a JSON object with delay, paused and step, each optional'],
  ])('%j is refused, with what is accepted', (value, reason) => {
    expect(() => parsePace(value)).toThrow(reason);
  });
});
