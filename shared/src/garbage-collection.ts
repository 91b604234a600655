/** How V8 collects garbage in a service. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Objects begin in the young generation. Otherwise V8 learns from the first collections under load which code makes long-lived
 * objects, and allocates what that code makes in the old generation from then on. Messages and requests in progress look
 * long-lived to it, so after about half of the starts each of them needed up to half more processor time, and a backlog took
 * 50 to 100 MB more.
 */
export function keepNewObjectsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * Gives back what only the start has used: about 15 MB of rides and transaction, 6 MB of the others. Takes some 40 ms. Loading
 * the modules makes the young generation large, and only a collection of last resort makes it small again. Load makes it grow anew, to its full size
 * at once: by steps, two of five processes with 12 partitions needed a third more processor time for good.
 */
export function collectAfterStart(): void {
  setFlagsFromString('--expose-gc');
  setFlagsFromString('--semi-space-growth-factor=16');
  const collect = runInNewContext('gc') as (how: Record<'type' | 'execution' | 'flavor', string>) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
