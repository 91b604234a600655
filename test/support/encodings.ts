/** The encodings in which editors and shells write a text. */
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

export const encodings: [name: string, encode: (text: string) => Buffer][] = [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a byte-order mark', (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, as PowerShell writes it', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['big-endian UTF-16', (text) => utf16be(`\uFEFF${text}`)],
  ['UTF-16 without a mark', (text) => Buffer.from(text, 'utf16le')],
  ['big-endian UTF-16 without a mark', utf16be],
];
