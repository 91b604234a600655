import type { View } from '../../../src/protocol.ts';

export const DeadLetters = (_: { view: View }) => null;
