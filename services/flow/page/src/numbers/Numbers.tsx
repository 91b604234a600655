import type { View } from '../../../src/protocol.ts';

export const Numbers = (_: { view: View }) => null;
