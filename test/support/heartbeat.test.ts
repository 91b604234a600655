import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import Heartbeat from './heartbeat.js';

const lines: string[] = [];
beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  lines.length = 0;
});

const file = (name: string) => ({ path: `/project/${name}`, context: { config: { rootDir: '/project' } } });

test('after a while without output, a line shows the progress and the running tests', () => {
  const heartbeat = new Heartbeat();
  heartbeat.onRunStart({ numTotalTestSuites: 3 });
  heartbeat.onTestFileStart(file('a.test.ts'));
  heartbeat.onTestFileStart(file('b.test.ts'));
  heartbeat.onTestCaseStart(file('a.test.ts'), { title: 'the first' });
  heartbeat.onTestCaseResult();
  heartbeat.onTestCaseStart(file('a.test.ts'), { title: 'the second' });
  jest.advanceTimersByTime(14_000);
  heartbeat.onTestFileResult(file('b.test.ts')); // Jest tells that
  jest.advanceTimersByTime(14_000);
  expect(lines).toEqual([]);
  jest.advanceTimersByTime(1000);
  expect(lines).toEqual(['29 s: 1 test done, 1 of 3 files', '    a.test.ts: the second']);
  jest.advanceTimersByTime(15_000);
  expect(lines).toHaveLength(4);
  heartbeat.onRunComplete();
  jest.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(4);
});
