import { Patience } from '../labs/engine/patience.ts';

/** How long something takes, in milliseconds, without the time in which the machine stands still. @throws what it throws */
export async function spentOn(what: () => Promise<unknown>): Promise<number> {
  const patience = new Patience();
  const timer = setInterval(() => patience.look(), 50);
  try {
    await what();
    return patience.look();
  } finally {
    clearInterval(timer);
  }
}
