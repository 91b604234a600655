import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { topology } from '../../../../../shared/src/topology.ts';
import { project } from '../../../../../test/support/copy.ts';
import { lessons } from '../../../../../test/support/lessons.ts';
import type { Lesson } from './lesson.ts';
import { missing } from './needs.ts';
import { guarantees } from './stand.ts';

const words = (text: string) => text.split(/\s+/).length;

/** The lesson that services/README.md shows. */
async function lessonOfTheReadme(): Promise<Lesson> {
  const readme = await readFile(join(project, 'services/README.md'), 'utf8');
  const [, text = ''] = /```ts lesson\n([\s\S]*?)```/.exec(readme) ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'rideflow-'));
  const file = join(folder, 'lesson.ts');
  try {
    await writeFile(file, text.replaceAll("'../teaching/", `'${import.meta.dirname}/`));
    return ((await import(file)) as { lesson: Lesson }).lesson;
  } finally {
    await rm(folder, { recursive: true });
  }
}
const all = [...lessons, { file: 'services/README.md', lesson: await lessonOfTheReadme() }];

describe.each(all.map(({ file, lesson }) => [file, lesson] as const))('%s', (_file, lesson) => {
  const { title, question, choices, answer, acts, explanation, code, notes } = lesson;

  test('it asks one question, and one of its choices is the answer', () => {
    expect(question).toMatch(/\?$/);
    expect(choices.length).toBeGreaterThanOrEqual(2);
    expect(new Set(choices).size).toBe(choices.length);
    expect(choices[answer]).toBeDefined();
  });

  test('it explains itself in three sentences of readable length', () => {
    expect(explanation).toHaveLength(3);
    const said = [...explanation, code.does, ...acts.map(({ shows }) => shows), ...Object.values(notes)];
    for (const text of said) {
      expect(text).toMatch(/[.?]$/);
      expect(text).not.toMatch(/[—–]| {2}/);
    }
    for (const sentence of explanation) {
      expect(sentence.match(/[.?](\s|$)/g)).toHaveLength(1);
      expect(words(sentence)).toBeLessThanOrEqual(30);
    }
  });

  test('the file that it names exists', () => {
    expect(existsSync(join(project, code.path))).toBe(true);
  });

  test('its texts fit on the card', () => {
    expect(title.length).toBeLessThanOrEqual(45);
    expect(acts.length).toBeGreaterThan(0);
    for (const { press, awaits, shows } of acts) {
      expect(press).toMatch(/^[A-Z].*[^.]$/);
      expect(press.length).toBeLessThanOrEqual(55);
      expect(awaits).toMatch(/^[a-zK].*[^.]$/);
      expect(words(shows)).toBeLessThanOrEqual(50);
    }
  });

  test('its notes say what comes before, what comes after, and a common misunderstanding', () => {
    for (const text of [notes.before, notes.after, notes.misunderstanding])
      expect(words(text)).toBeGreaterThan(8);
  });
});

test('a lesson whose means are not here says what is missing', () => {
  const compose = { processes: 'compose', broker: false, mailFault: null } as never;
  const here = { processes: 'here', broker: true, mailFault: 'none' } as never;
  for (const { lesson } of lessons) {
    expect(missing(lesson, here)).toBeNull();
    if (lesson.needs) expect(missing(lesson, compose)).toMatch(/^This lesson .*\.$/);
    else expect(missing(lesson, compose)).toBeNull();
    const { guarantees, processes } = lesson.stage ?? {};
    if (guarantees || processes) expect(lesson.needs).toContain('processes');
  }
});

test('a stage begins with the guarantees of the topology', () => {
  for (const [service, guarantee] of Object.entries(guarantees))
    expect(guarantee).toBe(topology[service as keyof typeof topology].guarantee);
});
