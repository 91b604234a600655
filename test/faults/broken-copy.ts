/** A copy of the project with one part broken. */
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyOfProject, project } from '../support/copy.ts';
import { type Edit as EditOfText, edited } from '../support/edited.ts';

export interface Edit extends EditOfText {
  file: string;
}

/**
 * @returns its folder, which the caller removes
 * @throws Error when a file does not contain the text exactly once, because the copy would then not be broken as intended
 */
export async function brokenCopy(edits: Edit[]): Promise<string> {
  const copy = await copyOfProject();
  await symlink(join(project, '.git'), join(copy, '.git')).catch(() => {}); // for the previous release
  for (const { file, ...edit } of edits) {
    const path = join(copy, file);
    await writeFile(path, edited(await readFile(path, 'utf8'), [edit], file));
  }
  return copy;
}
