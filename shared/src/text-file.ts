/**
 * Reads text files as editors and shells write them: UTF-8, with or without a byte-order mark, and UTF-16, which Windows calls
 * Unicode and PowerShell's `>` writes.
 */
import { createReadStream, readFileSync } from 'node:fs';

/** @throws Error of the system, or `it is neither UTF-8 nor UTF-16` */
export const readTextFile = (path: string): string => decodeText(readFileSync(path));

/** The text without its byte-order mark. @throws Error `it is neither UTF-8 nor UTF-16` */
export const decodeText = (bytes: Buffer): string => decoderOf(bytes)(bytes);

/** The lines of a file that may be too large for memory. @throws like `readTextFile`, during the iteration */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let decode: Decoder | undefined;
  let rest = '';
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    decode ??= decoderOf(chunk);
    const lines = (rest + decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decode?.() ?? '';
  if (rest !== '') yield rest;
}

type Decoder = (bytes?: Buffer, options?: { stream: boolean }) => string;

/** @param start the first bytes of the text */
function decoderOf(start: Buffer): Decoder {
  const decoder = new TextDecoder(encodingOf(start), { fatal: true });
  return (bytes, options) => {
    try {
      return decoder.decode(bytes, options);
    } catch {
      throw new Error('it is neither UTF-8 nor UTF-16');
    }
  };
}

/**
 * Detected by the byte-order mark, or else by the zero byte of the first character, which is ASCII in JSON, PEM and most
 * passwords.
 */
function encodingOf([first, second]: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === undefined || second === undefined) return 'utf-8';
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be';
  return 'utf-8';
}
