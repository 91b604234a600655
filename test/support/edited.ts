/** Replaces a part of a text. `from` must occur exactly once. */
export interface Edit {
  from: string;
  to: string;
}

/**
 * Makes the edits in their order.
 * @param name what the text is, for the error
 * @throws Error when the text does not contain a `from` exactly once, because the result would then not be the intended one
 */
export function edited(text: string, edits: Edit[], name: string): string {
  return edits.reduce((before, { from, to }) => {
    if (before.split(from).length !== 2) throw new Error(`${name} does not contain exactly once: ${from}`);
    return before.replace(from, () => to);
  }, text);
}
