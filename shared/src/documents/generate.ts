/**
 * Writes shared/openapi.json and shared/asyncapi.json. With --check it writes nothing, and exits with 1 if one of them is
 * stale.
 *
 *   node shared/src/documents/generate.ts [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documents } from '../http/page.ts';
import { asyncApi } from './asyncapi.ts';
import { openApi } from './openapi.ts';

/** Every document: its path and its intended content. */
export const generated = [
  { file: documents.openApi, text: print(openApi()) },
  { file: documents.asyncApi, text: print(asyncApi()) },
];

/** Whether the file is missing or differs from its source. */
export function isStale({ file, text }: { file: URL; text: string }): boolean {
  try {
    return readFileSync(file, 'utf8') !== text;
  } catch {
    return true;
  }
}

function print(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  for (const document of generated.filter(isStale)) {
    if (!check) writeFileSync(document.file, document.text);
    else process.exitCode = 1;
    const path = fileURLToPath(document.file);
    process.stdout.write(
      `${basename(path)} ${check ? 'is stale: run node shared/src/documents/generate.ts' : 'written'}\n`,
    );
  }
}
