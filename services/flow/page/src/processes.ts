/** Which processes there are, by what is known of each. Pure. */
import type { Process } from '../../src/protocol.ts';

/** It answers, so it can be asked for something. */
export const lives = ({ state }: Process): boolean => state === 'alive' || state === 'paused';

/** It has not ended, and nobody has asked for its end. */
export const runs = ({ state, ended }: Process): boolean => state !== 'gone' && ended === null;

/** It does nothing until it is told to go on. */
export const isFrozen = ({ state, ended }: Process): boolean => state === 'silent' && ended === 'frozen';

/** Something can be asked of it, or be done to it. */
export const canBeAsked = (process: Process): boolean => lives(process) || isFrozen(process);
