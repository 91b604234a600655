/** Changes the value of a dead letter before its replay. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkbenchError } from '@rideflow/shared/dead-letters/errors.ts';
import type { Change } from '@rideflow/shared/dead-letters/replayed.ts';
import { decodeText } from '@rideflow/shared/text-file.ts';

/**
 * Sets fields of a JSON object. The last setting of a field wins.
 * @param settings `field=value`, `location.lat=12.97`; a value that is not JSON is text
 * @throws WorkbenchError for a setting without a field. The returned change throws it when the value is not a JSON object
 */
export function setFields(settings: string[]): Change {
  const fields = settings.map((setting) => {
    const [, path, text = ''] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (!path || path.split('.').includes(''))
      throw new WorkbenchError(`--set ${setting}: must be <field>=<value>, such as customer_id=user_1.`);
    return { path: path.split('.'), value: jsonOrText(text) };
  });
  return (parked) => {
    const object = objectIn(parked);
    for (const { path, value } of fields) assign(object, path, value);
    return Buffer.from(JSON.stringify(object));
  };
}

/**
 * The bytes of a file. JSON is converted to UTF-8, which readers expect. @throws WorkbenchError when the file cannot be read
 */
export function valueFrom(file: string): Change {
  try {
    const bytes = inUtf8(readFileSync(file));
    return () => bytes;
  } catch (error) {
    throw new WorkbenchError(`--value-file ${file}: cannot be read (${(error as Error).message}).`);
  }
}

/**
 * Lets a person edit a value. JSON is indented in the editor and compact afterwards.
 * @param editor a command, such as `vi` or `code --wait`
 * @throws WorkbenchError when the editor fails or the value is unchanged
 */
export function editedWith(editor: string, value: Buffer | null): Change {
  const folder = mkdtempSync(join(tmpdir(), 'rideflow-dlq-'));
  const file = join(folder, 'value.json');
  try {
    const before = unfold(value);
    writeFileSync(file, before);
    // Runs in a shell, as git does, because the command may have arguments.
    const { status, error } = spawnSync('sh', ['-c', `${editor} "$1"`, 'edit', file], { stdio: 'inherit' });
    if (error || status !== 0)
      throw new WorkbenchError(
        `The editor "${editor}" failed (${error?.message ?? `exit status ${status}`}). Nothing was replayed.`,
      );
    const after = readFileSync(file);
    if (after.equals(before)) throw new WorkbenchError('The value is unchanged, so nothing was replayed.');
    return () => fold(inUtf8(after));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Converts JSON that an editor or a shell wrote in UTF-16 or with a byte-order mark. Other bytes stay as they are. */
function inUtf8(bytes: Buffer): Buffer {
  try {
    const text = decodeText(bytes);
    JSON.parse(text);
    return Buffer.from(text);
  } catch {
    return bytes;
  }
}

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), asWritten as Reviver);
  } catch {
    return undefined;
  }
};

// JSON.parse source text access of ECMAScript: Node 24 supports it, and TypeScript's types do not.
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(source: string): object;
  isRawJSON(value: unknown): boolean;
};
type Reviver = (key: string, value: unknown) => unknown;

/** Numbers keep their digits. Otherwise an id of 20 digits would change, although nobody edits that field. */
const asWritten = (_key: string, value: unknown, { source }: { source: string }) =>
  typeof value === 'number' && String(value) !== source ? rawJSON(source) : value;

function unfold(value: Buffer | null): Buffer {
  const json = parse(value ?? Buffer.alloc(0));
  return json === undefined ? (value ?? Buffer.alloc(0)) : Buffer.from(`${JSON.stringify(json, null, 2)}\n`);
}

function fold(bytes: Buffer): Buffer {
  const json = parse(bytes);
  return json === undefined ? bytes : Buffer.from(JSON.stringify(json));
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value);

function objectIn(parked: Buffer | null): Fields {
  const object = parse(parked ?? Buffer.alloc(0));
  if (isObject(object)) return object;
  throw new WorkbenchError(
    'its value is not a JSON object, so --set cannot set a field. Use --edit or --value-file',
  );
}

function assign(object: Fields, path: string[], value: unknown) {
  const [field = '', ...rest] = path;
  const inner = Object.hasOwn(object, field) && isObject(object[field]) ? object[field] : {};
  if (rest.length > 0) assign(inner, rest, value);
  // Not by assignment, because `__proto__` is a normal field here.
  const content = rest.length > 0 ? inner : value;
  Object.defineProperty(object, field, {
    value: content,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
