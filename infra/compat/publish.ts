/** Published versions never change: their checksums are stored with them. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  current,
  fileOf,
  type Golden,
  type MessageName,
  messageNames,
  published,
  schemasFolder,
} from './history.ts';

const kinds = ['', 'reader', 'golden'] as const;
const checksumsFile = (root: string) => join(root, 'published.json');
const checksumOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Files that were changed or deleted after their publication, as sentences. */
export function changed(root = schemasFolder): string[] {
  const known: Record<string, string> = JSON.parse(readFileSync(checksumsFile(root), 'utf8'));
  const said = Object.entries(known).flatMap(([name, checksum]) => {
    const file = join(root, name);
    if (!existsSync(file)) return [`${name} was published and is missing`];
    return checksumOf(file) === checksum ? [] : [`${name} was changed after it was published`];
  });
  const unknown = messageNames
    .flatMap((message) => readdirSync(join(root, message)).map((name) => `${message}/${name}`))
    .filter((name) => !(name in known))
    .map((name) => `${name} is not in published.json; "npm run compat -- --publish" adds a version`);
  return [...said, ...unknown];
}

/** Messages whose schema in the code differs from the newest version. */
export const unpublished = (root = schemasFolder): MessageName[] =>
  messageNames.filter((message) => {
    const newest = published(message, root).at(-1);
    return !newest || !isDeepStrictEqual(current(message), { writer: newest.writer, reader: newest.reader });
  });

/** Adds a version with the current schema of the message. @returns its number */
export function publish(message: MessageName, golden: Golden[], root = schemasFolder): number {
  const number = (published(message, root).at(-1)?.number ?? 0) + 1;
  const { writer, reader } = current(message);
  const content = { '': writer, reader, golden };
  mkdirSync(join(root, message), { recursive: true });
  const known = existsSync(checksumsFile(root)) ? JSON.parse(readFileSync(checksumsFile(root), 'utf8')) : {};
  for (const kind of kinds) {
    const file = fileOf(message, number, kind, root);
    writeFileSync(file, `${JSON.stringify(content[kind], null, 2)}\n`, { flag: 'wx' });
    known[relative(root, file).replaceAll('\\', '/')] = checksumOf(file);
  }
  writeFileSync(checksumsFile(root), `${JSON.stringify(known, null, 2)}\n`);
  return number;
}
