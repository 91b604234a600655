/** Replays and drops, by the same code as the dlq command. */
import type { Bytes } from '../../../src/protocol.ts';
import { control } from '../controls/state.ts';

/** @param edit the value that is written instead of the original @param again also what was replayed before */
export const settle = (
  how: 'replay' | 'drop',
  coordinates: string[],
  { edit, again }: { edit?: Bytes; again?: boolean } = {},
): Promise<boolean> =>
  control('POST', `/dead-letters/${how}`, {
    coordinates,
    ...(edit && { edit }),
    ...(again && { again }),
  });
