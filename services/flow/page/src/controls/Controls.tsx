import type { View } from '../../../src/protocol.ts';

export const Controls = (_: { view: View }) => null;
