/** What a student hands in: a folder or a zip archive with the files of the labs, such as the folder playground. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nameOf } from '../engine/folders.ts';
import type { Lab } from '../engine/lab.ts';
import { unzip } from './unzip.ts';

export interface Submission {
  /** The name of the folder or of the archive. */
  name: string;
  /** The file of each lab that was handed in. */
  files: Map<Lab, Buffer>;
}

/** A lab has one short file. */
const most = 200_000;

/** @throws Error when nothing of a lab is there */
export function readSubmission(path: string, labs: Lab[]): Submission {
  if (!existsSync(path)) throw new Error(`there is no ${path}`);
  const endings = labs.map((lab) => ({ lab, ending: `${nameOf(lab)}/${lab.file}` }));
  const found = statSync(path).isDirectory()
    ? filesBelow(path)
    : unzip(readFileSync(path), (name) => endings.some(({ ending }) => name.endsWith(ending)), most);
  const files = new Map<Lab, Buffer>();
  for (const { lab, ending } of endings)
    for (const [name, bytes] of found)
      if (name === ending || name.endsWith(`/${ending}`)) files.set(lab, bytes);
  if (files.size === 0)
    throw new Error(`${path} has no file of a lab. Expected, for example: ${endings[0]?.ending}`);
  return { name: nameFrom(path), files };
}

/** The name of the folder or of the archive. */
export const nameFrom = (path: string) => {
  const name = basename(path).replace(/\.zip$/i, '');
  return name === 'playground' ? basename(dirname(path)) || name : name;
};

/** Two levels deep: `ada/playground/01-first-consumer/loyalty.ts`. */
function filesBelow(folder: string, prefix = '', deep = 3): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile() && entry.name.endsWith('.ts') && statSync(path).size <= most)
      files.set(`${prefix}${entry.name}`, readFileSync(path));
    if (entry.isDirectory() && entry.name !== 'node_modules' && deep > 1)
      for (const [name, bytes] of filesBelow(path, `${prefix}${entry.name}/`, deep - 1))
        files.set(name, bytes);
  }
  return files;
}

/** Writes the files into a folder of their own, as a student has them. */
export function unpack({ files }: Submission, folder: string): void {
  for (const [lab, bytes] of files) {
    mkdirSync(join(folder, nameOf(lab)), { recursive: true });
    writeFileSync(join(folder, nameOf(lab), lab.file), bytes);
  }
}
