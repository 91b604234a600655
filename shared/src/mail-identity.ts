/** By what a mail and the message that it comes from are known to belong together. */
import { hash } from 'node:crypto';

/**
 * The unique half of a mail's Message-ID, which every repeat has too.
 * The identity is hashed: a foreign one may hold characters that no msg-id (RFC 5322) may have, and be of any length.
 * @param identity of the message; any text
 */
export const mailIdentity = (identity: string): string => hash('sha256', identity).slice(0, 32);
