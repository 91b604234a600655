/** What a service made of what it read, field by field. Pure. */
export interface Line {
  /** `added` and `changed` differ from the input; `removed` was in the input only. */
  change: 'same' | 'added' | 'changed' | 'removed';
  name: string;
  /** As JSON. */
  value: string;
  /** As JSON, where it changed. */
  before?: string;
}

/** @param input null where there is nothing to compare with */
export function difference(input: unknown, output: unknown): Line[] | null {
  if (!isObject(output)) return null;
  const before = isObject(input) ? input : null;
  const lines: Line[] = Object.entries(output).map(([name, value]) => {
    const now = JSON.stringify(value);
    if (!before) return { change: 'same', name, value: now };
    if (!Object.hasOwn(before, name)) return { change: 'added', name, value: now };
    const was = JSON.stringify(before[name]);
    return was === now
      ? { change: 'same', name, value: now }
      : { change: 'changed', name, value: now, before: was };
  });
  const removed = Object.entries(before ?? {}).filter(([name]) => !Object.hasOwn(output, name));
  return [
    ...lines,
    ...removed.map(([name, value]): Line => ({ change: 'removed', name, value: JSON.stringify(value) })),
  ];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
