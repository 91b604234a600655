import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { project } from './copy.ts';

/** Puts what was measured between the README's marks `<!-- name -->` and `<!-- /name -->`. @throws Error when they are not there */
export async function putIntoReadme(name: string, text: string): Promise<void> {
  const file = join(project, 'README.md');
  const readme = await readFile(file, 'utf8');
  const marks = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!marks.test(readme)) throw new Error(`README.md has no place for ${name}`);
  await writeFile(
    file,
    readme.replace(marks, (_all, begin, end) => `${begin}\n${text}\n\n${end}`),
  );
}
