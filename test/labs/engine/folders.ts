/** Where the files of a lab are. */
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { playground } from './state.ts';

export const nameOf = ({ number, name }: Lab) => `${String(number).padStart(2, '0')}-${name}`;
/** What we give: starter, reference, README. */
export const given = (lab: Lab, ...path: string[]) => join(import.meta.dirname, '..', nameOf(lab), ...path);
/** What the student has. */
export const own = (lab: Lab, ...path: string[]) => join(playground, nameOf(lab), ...path);
