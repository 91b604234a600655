import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { project } from './copy.ts';

/**
 * Writes the measurements between the marks `<!-- name -->` and `<!-- /name -->` of a README.
 * @param folder folder of the README, relative to the project
 * @throws Error when the marks are missing
 */
export async function putIntoReadme(folder: string, name: string, text: string): Promise<void> {
  const file = join(project, folder, 'README.md');
  const readme = await readFile(file, 'utf8');
  const marks = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!marks.test(readme)) throw new Error(`${file} has no marks for ${name}`);
  await writeFile(
    file,
    readme.replace(marks, (_all, begin, end) => `${begin}\n${text}\n\n${end}`),
  );
}
