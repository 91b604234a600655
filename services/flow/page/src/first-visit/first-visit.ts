/** Whether the map explains itself by captions: while it is empty, or to a newcomer while there is room for them. */
import type { Lane } from '../../../src/protocol.ts';
import { choice } from '../ride/choice.ts';
import { kept } from '../storage.ts';

/** Marks at the right end that a caption leaves free. */
const room = 4;

export const isEmpty = (lanes: Lane[]) => lanes.every(({ end }) => end === 0);

export const isFirstVisit = (lanes: Lane[]) =>
  isEmpty(lanes) || (choice.value === null && !kept('visited') && lanes.every(({ end }) => end <= room));
