/** All lessons: every file in `lessons/`, in the order of their names. */
import type { Lesson } from './lesson.ts';

const files = import.meta.glob<{ lesson: Lesson }>('../lessons/*.ts', { eager: true });

export const lessons: Lesson[] = Object.keys(files)
  .sort()
  .flatMap((name) => files[name]?.lesson ?? []);
