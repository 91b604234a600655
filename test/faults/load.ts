/** Customers who keep booking, over HTTP, whatever happens: an answer that is no 202 is asked for again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import type { Accepted } from '../../infra/check/check.ts';

export interface Load {
  /** Answered with 202. */
  readonly accepted: number;
  /** Stops booking, and resolves when every request has its answer. @throws Error when one was answered as it must not be */
  stop(): Promise<void>;
  /** Stops booking and asks for nothing again: what it has no answer to does not matter any more. */
  abandon(): void;
}

/** So many rides are asked for at a time: on a machine that cannot keep up, more would only make all of them wait longer. */
const mostOpen = 300;
/** Patience for one ride, in milliseconds: longer than any fault lasts, on a machine however busy. */
const patience = 300_000;

/**
 * Books `rate` rides a second. A quarter of them bear an Idempotency-Key and are sent again under it; the others are new rides
 * when sent again, so only what was answered with 202 is claimed.
 * @param urls rides processes to be asked in turn
 */
export function startLoad(urls: () => string[], rate: number, accepted: Accepted[], seed: number): Load {
  const random = seededRandom(seed);
  const before = accepted.length;
  const open = new Set<Promise<void>>();
  const life = { stopped: false, abandoned: false };
  let failure: Error | null = null;
  let count = 0;
  const run = (async () => {
    for (
      let due = performance.now();
      !life.stopped;
      due = Math.max(due + 1000 / rate, performance.now() - 1000)
    ) {
      await sleep(Math.max(0, due - performance.now()));
      if (open.size >= mostOpen) continue;
      // Few enough customers that the order of each one's rides is worth checking.
      const ride = { ...randomRide(random), customer_id: `load_${count % 50}` };
      const booking = book(urls, ride, count, accepted, seed, life)
        .catch((error) => {
          failure ??= error;
        })
        .finally(() => open.delete(booking));
      open.add(booking);
      count++;
    }
  })();
  return {
    get accepted() {
      return accepted.length - before;
    },
    async stop() {
      life.stopped = true;
      await run;
      await Promise.all(open);
      if (failure) throw failure;
    },
    abandon() {
      life.stopped = true;
      life.abandoned = true;
    },
  };
}

async function book(
  urls: () => string[],
  ride: object,
  n: number,
  accepted: Accepted[],
  seed: number,
  life: { abandoned: boolean },
): Promise<void> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const keyed = n % 4 === 0;
  if (keyed) headers['idempotency-key'] = `"load-${seed}-${n}"`;
  const first = Date.now();
  const end = first + patience;
  for (let attempt = 0; Date.now() < end && !life.abandoned; attempt++) {
    const all = urls();
    // Under a key an earlier attempt may be the one that was stored.
    const sent = keyed ? first : Date.now();
    const response = await fetch(`${all[(n + attempt) % all.length]}/rides`, {
      method: 'POST',
      headers,
      body: JSON.stringify(ride),
      signal: AbortSignal.timeout(10_000),
    }).catch(() => null);
    if (response?.status === 202) {
      const body = (await response.json().catch(() => null)) as {
        ride: { id: string; customer_id: string };
      } | null;
      if (!body) continue; // killed while it answered: the ride is booked, but nobody was told
      accepted.push({ id: body.ride.id, customer_id: body.ride.customer_id, sent, answered: Date.now() });
      return;
    }
    if (response && ![409, 503].includes(response.status)) {
      throw new Error(`POST /rides answered ${response.status}: ${await response.text()}`);
    }
    await sleep(100 + Math.min(attempt * 100, 1000));
  }
  if (!life.abandoned) throw new Error(`a ride was not accepted within ${patience / 1000} s`);
}
