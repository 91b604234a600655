/** The payment provider. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Payments } from '../kit.ts';
import { at, committed } from './probe.ts';

/** How long a call takes, in milliseconds. */
const moment = 25;

/** @param begun called with the coordinates of the ride before its call @param done called with them when it is answered */
export function paymentsOf(begun: (place: string) => void, done: (place: string) => void): Payments {
  return {
    async take(_ride, { topic, partition, offset }) {
      const place = `${topic}/${partition}/${offset}`;
      begun(place);
      at('before-produce', `the payment for ${place} is not taken yet`);
      await sleep(moment);
      await committed();
      done(place);
      at('after-produce', `the payment for ${place} is taken`);
    },
  };
}
