/** Parses the JSON of a message from any writer. */

/**
 * JSON.parse, except that a number named `id` that JavaScript cannot hold exactly becomes its original text, such as
 * `"12345678901234567890"`: an id is a label and keeps all its digits. Other messages cost no extra time.
 * @throws SyntaxError
 */
export function parseMessage(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  const id = typeof parsed === 'object' && parsed !== null && 'id' in parsed ? parsed.id : undefined;
  return typeof id !== 'number' || Number.isSafeInteger(id)
    ? parsed
    : JSON.parse(text, keepDigits as Reviver);
}

type Reviver = (key: string, value: unknown) => unknown;

const keepDigits = (key: string, value: unknown, { source }: { source: string }) =>
  key === 'id' && typeof value === 'number' ? source : value;
