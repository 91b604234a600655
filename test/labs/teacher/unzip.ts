/** Reads the files of a zip archive (PKWARE APPNOTE 6.3). Only stored and deflated files, as every usual program writes them. */
import { inflateRawSync } from 'node:zlib';

const [endOfDirectory, entry] = [0x06054b50, 0x02014b50];
const [stored, deflated] = [0, 8];

/**
 * The file with this name; undefined if there is none.
 * @param most the most bytes that a file may have, because a small archive can hold very large files
 * @throws Error when this is no zip archive, or the file is too large
 */
export function unzip(archive: Buffer, wanted: (name: string) => boolean, most: number): Map<string, Buffer> {
  let end = archive.length - 22;
  while (end >= 0 && archive.readUInt32LE(end) !== endOfDirectory) end--;
  if (end < 0) throw new Error('this is not a zip archive');
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== entry) throw new Error('the directory of the zip archive is damaged');
    const method = archive.readUInt16LE(at + 10);
    const [packed, size] = [archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 24)];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    at += 46 + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
    if (!wanted(name)) continue;
    if (size > most) throw new Error(`${name} has ${size} bytes; up to ${most} are accepted`);
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const bytes = archive.subarray(begin, begin + packed);
    if (method !== stored && method !== deflated) throw new Error(`${name} is compressed in an unusual way`);
    files.set(name, method === stored ? bytes : inflateRawSync(bytes, { maxOutputLength: most }));
  }
  return files;
}
