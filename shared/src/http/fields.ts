/** Describes the wrong fields of a body, one entry for each, for the person who sent it. */
import type { z } from 'zod';
import { Problem, type WrongField } from './problem.ts';

/** The most entries; more would not help anybody. */
const most = 20;

/**
 * The answer to a body that a schema rejects.
 * @param what the first words of the detail: `This is not a ride request`
 */
export function fieldsProblem(what: string, error: z.ZodError, input: unknown): Problem {
  const errors = wrongFields(error, input);
  const list = errors.slice(0, 3).map(({ pointer, detail }) => `${pointer || 'the body'} ${detail}`);
  const rest = errors.length > list.length ? ', and more' : '';
  return new Problem(400, `${what}: ${list.join('; ')}${rest}.`, { errors });
}

/** @param input the checked value; the entries show what was found in it */
export function wrongFields(error: z.ZodError, input: unknown): WrongField[] {
  const all = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.slice(0, most).map((key) => entry([...issue.path, key], 'is not a known field'))
      : entry(issue.path, describe(issue, valueAt(input, issue.path))),
  );
  return all.slice(0, most);
}

const entry = (path: PropertyKey[], detail: string) => ({ pointer: pointer(path), detail });

/** RFC 6901: `/location/lat`. Long names of unknown fields are shortened. */
const pointer = (path: PropertyKey[]) =>
  path.map((step) => `/${String(step).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  let value = input;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return value;
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return `is missing; ${expectation(issue)}`;
  return expectation(issue) + (issue.code === 'invalid_type' ? `, not ${kind(value)}` : '');
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'number'
        ? `must be at least ${issue.minimum}`
        : `must not be shorter than ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'number'
        ? `must be at most ${issue.maximum}`
        : `must not be longer than ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  object: 'an object',
  array: 'an array',
};

const kind = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : (kinds[typeof value] ?? String(value));
