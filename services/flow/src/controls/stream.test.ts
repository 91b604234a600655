import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type Book, Streamer } from './stream.ts';

let streamer: Streamer;
let asked: number[];
beforeEach(() => {
  jest.useFakeTimers();
  asked = [];
});
afterEach(() => {
  streamer.stop();
  jest.useRealTimers();
});
const answering = (book: (count: number) => ReturnType<Book>) => {
  streamer = new Streamer((count) => {
    asked.push(count);
    return book(count);
  });
};
const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1000);
const sum = () => asked.reduce((all, count) => all + count, 0);

test('few rides a second go one by one, the first at once', async () => {
  answering(async (count) => count);
  streamer.start(4, true);
  expect(asked).toEqual([1]);
  await pass(10);
  expect(new Set(asked)).toEqual(new Set([1]));
  expect(sum()).toBeGreaterThanOrEqual(40);
  expect(sum()).toBeLessThanOrEqual(41);
});

test('many rides a second go together, and are as many as asked for', async () => {
  answering(async (count) => count);
  streamer.start(2000, true);
  await pass(10);
  expect(Math.abs(sum() - 20_000)).toBeLessThanOrEqual(1);
  expect(asked.length).toBeLessThan(1000);
  expect(streamer.stream?.booked).toBe(sum());
});

test('another rate goes on counting; with and without keys are two streams', async () => {
  answering(async (count) => count);
  streamer.start(100, true);
  await pass(1);
  const booked = streamer.stream?.booked;
  expect(booked).toBeGreaterThan(90);
  streamer.start(10, true);
  expect(streamer.stream).toMatchObject({ rate: 10, keys: true, booked });
  streamer.start(10, false);
  expect(streamer.stream).toMatchObject({ keys: false, booked: 0 });
});

test('rides that are not taken are not counted, and the stream says why until some are', async () => {
  let answer: () => Promise<number> = () => Promise.reject(new Error('rides does not answer'));
  answering(() => answer());
  streamer.start(10, true);
  await pass(1);
  expect(streamer.stream).toMatchObject({ booked: 0, trouble: 'rides does not answer' });
  answer = async () => 1;
  await pass(1);
  expect(streamer.stream).toMatchObject({ trouble: null });
});

test('a service that does not answer has a bounded number of requests in front of it, and no flood behind them', async () => {
  const answers: (() => void)[] = [];
  answering((count) => new Promise((resolve) => answers.push(() => resolve(count))));
  streamer.start(100, true);
  await pass(60);
  expect(asked).toHaveLength(20);
  for (const answer of answers) answer();
  await pass(0.1);
  expect(sum()).toBeLessThan(20 * 10 + 200);
});

test('it ends by itself after ten minutes', async () => {
  answering(async (count) => count);
  streamer.start(1, true);
  await pass(590);
  expect(streamer.stream).not.toBeNull();
  await pass(20);
  expect(streamer.stream).toBeNull();
});
