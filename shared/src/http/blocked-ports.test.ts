import { expect, test } from '@jest/globals';
import { isBlocked } from './blocked-ports.ts';

/** Nothing is sent: what fetch does not refuse ends here. */
const dispatcher = {
  dispatch() {
    throw new Error('let through');
  },
};
const refused = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`, { dispatcher } as unknown as RequestInit).catch(
    ({ cause }: Error) => (cause as Error).message === 'bad port',
  );

test('a blocked port is one that fetch refuses', async () => {
  const wrong: number[] = [];
  for (let port = 1; port <= 11_000; port++) if ((await refused(port)) !== isBlocked(port)) wrong.push(port);
  expect(wrong).toEqual([]);
});
