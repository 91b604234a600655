/** The lessons of the flow page, as their files have them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Lesson } from '../../services/flow/page/src/teaching/lesson.ts';
import { project } from './copy.ts';

const folder = join(project, 'services/flow/page/src/lessons');

/** In their order. */
export const lessons: { file: string; lesson: Lesson }[] = await Promise.all(
  readdirSync(folder)
    .sort()
    .map(async (file) => ({
      file,
      lesson: ((await import(join(folder, file))) as { lesson: Lesson }).lesson,
    })),
);
