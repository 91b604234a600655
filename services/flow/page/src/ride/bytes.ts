/** Raw bytes of a message, as a person reads them. Pure. */
import type { Bytes } from '../../../src/protocol.ts';

export function bytesOf(bytes: Bytes): Uint8Array {
  if ('text' in bytes) return new TextEncoder().encode(bytes.text);
  return Uint8Array.from(atob(bytes.base64), (character) => character.charCodeAt(0));
}

/** `00000000  7b 22 69 64 22 3a 20 31  {"id": 1`: eight bytes per line. @param most bytes that are shown */
export function hexdump(bytes: Uint8Array, most = 2048): string[] {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 8) {
    const part = [...bytes.slice(at, at + 8)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(23)}  ${text}`);
  }
  if (bytes.length > most) lines.push(`and ${bytes.length - most} bytes more`);
  return lines;
}
