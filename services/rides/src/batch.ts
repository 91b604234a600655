/** Many rides in one body: a JSON array, or one JSON value per line (NDJSON, also called JSON Lines). */
import { maxBatch } from '@rideflow/shared/http/api.ts';
import { Problem } from '@rideflow/shared/http/problem.ts';

/** One ride as it was sent, or the reason why it is unreadable. */
export type Item = { body: unknown } | { problem: Problem };

/** @throws Problem when the body cannot be split into rides, or has no ride or too many */
export function readArray(text: string): Item[] {
  const parsed = parse(text);
  if ('problem' in parsed) throw parsed.problem;
  if (!Array.isArray(parsed.body)) {
    throw new Problem(400, 'The body is JSON, but must be an array of ride requests.', {
      errors: [{ pointer: '', detail: 'must be an array' }],
    });
  }
  return counted(parsed.body.map((body) => ({ body })));
}

/** Skips blank lines. @throws Problem when there is no ride or too many */
export function readLines(text: string): Item[] {
  return counted(
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parse),
  );
}

function parse(text: string): Item {
  try {
    return { body: JSON.parse(text) };
  } catch (error) {
    const detail = `must be JSON: ${(error as Error).message}`;
    return {
      problem: new Problem(400, `This is not JSON: ${(error as Error).message}.`, {
        errors: [{ pointer: '', detail }],
      }),
    };
  }
}

function counted(items: Item[]): Item[] {
  if (items.length === 0) throw new Problem(400, `The body has no ride, but must have 1 to ${maxBatch}.`);
  if (items.length <= maxBatch) return items;
  throw new Problem(413, `The body has ${items.length} rides, but must have 1 to ${maxBatch}.`);
}
