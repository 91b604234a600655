/**
 * Every connection reschedules a 1 ms timer for ever, 2 to 5 % of a core per idle process. Without anything pending there is
 * nothing to check, and `push` schedules by itself.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { prototype: queue } = require('kafkajs/src/network/requestQueue') as {
  prototype: { scheduleCheckPendingRequests(): void; pending: unknown[] };
};
const schedule = queue.scheduleCheckPendingRequests;
queue.scheduleCheckPendingRequests = function (this: typeof queue) {
  if (this.pending.length > 0) schedule.call(this);
};
