/** A copy of the project with one part broken. */
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyOfProject, project } from '../support/copy.ts';

/** `from` must occur exactly once in the file. */
export interface Edit {
  file: string;
  from: string;
  to: string;
}

/**
 * @returns its folder, which the caller removes
 * @throws Error when a file does not contain the text exactly once, because the copy would then not be broken as intended
 */
export async function brokenCopy(edits: Edit[]): Promise<string> {
  const copy = await copyOfProject();
  await symlink(join(project, '.git'), join(copy, '.git')).catch(() => {}); // for the previous release
  for (const { file, from, to } of edits) {
    const path = join(copy, file);
    const text = await readFile(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} does not contain exactly once: ${from}`);
    await writeFile(
      path,
      text.replace(from, () => to),
    );
  }
  return copy;
}
