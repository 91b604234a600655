/** Shows bytes to a person. */

/** The most bytes of a value that are shown. */
const shown = 4096;
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is about control characters
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** The UTF-8 text, shortened if it is long; null if it is not text or contains control characters. */
export function textIn(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (unprintable.test(text)) return null;
    return text.length > shown ? `${text.slice(0, shown)}… (${bytes.length} bytes in all)` : text;
  } catch {
    return null;
  }
}

/** Lines of 16 bytes: the position, the bytes, and their ASCII characters. */
export function hexdump(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, shown); at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`  ${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${ascii}`);
  }
  if (bytes.length > shown) lines.push(`  … (${bytes.length} bytes in all)`);
  return lines;
}
