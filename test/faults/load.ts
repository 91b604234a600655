/** Customers who keep booking over HTTP. A request without a 202 is retried. */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import type { Accepted } from '../../infra/check/check.ts';

export interface Load {
  /** Answered with 202. */
  readonly accepted: number;
  /** Stops booking, and resolves when every request has its answer. @throws Error when an answer is not allowed */
  stop(): Promise<void>;
  /** Stops booking without retries. Unanswered requests no longer matter. */
  abandon(): void;
}

/** The most requests at a time. On a slow machine, more would only make all of them wait longer. */
const mostOpen = 300;
/** The patience for one ride, in milliseconds: longer than any fault, even on a busy machine. */
const patience = 300_000;

/**
 * Books `rate` rides per second. A quarter of them have an Idempotency-Key and are retried with it. The others are new rides
 * when retried, so only rides that were answered with 202 count.
 * @param urls rides processes to use in turn
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
      // So few customers that checking the order of each one's rides makes sense.
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
    // With a key, the stored request may be an earlier attempt.
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
      if (!body) continue; // killed while it answered: the ride is booked, but the client does not know
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
