/** `Idempotency-Key` as in draft-ietf-httpapi-idempotency-key-header. */
import { Problem } from '@rideflow/shared/http/problem.ts';

const longest = 255;
/** A String of RFC 9651 (Structured Fields). Parameters after it are allowed and ignored. */
const quoted =
  /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"(?: *; *[a-z*][a-z0-9_.*-]*(?:=(?:"[^"\\]*"|[^\s";,]+))?)*$/;
/** What most clients send, such as a UUID, without the quotes that the draft requires. */
const bare = /^[A-Za-z0-9!#$%&'*+.^_`|~:/=-]+$/;

/**
 * The key in the header, or undefined when there is no header. `"abc"` and `abc` are the same key.
 * @throws Problem 400
 */
export function parseKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const key = bare.test(text) ? text : quoted.exec(text)?.[1]?.replace(/\\(.)/g, '$1');
  if (key !== undefined && key.length >= 1 && key.length <= longest) return key;
  const detail = `must be one text in double quotes, of 1 to ${longest} printable ASCII characters; the quotes may be left out around letters, digits and signs like - and _`;
  throw new Problem(400, `The Idempotency-Key ${detail}.`, {
    errors: [{ header: 'Idempotency-Key', detail }],
  });
}
