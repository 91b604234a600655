/** Books one ride and follows it through the system step by step, with the public HTTP APIs only. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Step {
  /** Milliseconds since the request was sent. */
  at: number;
  what: 'accepted' | 'stored' | 'decided' | 'mailed' | 'counted';
  detail: string;
}

export interface Addresses {
  rides: string;
  /** Undefined if the mails go to another server, where this program cannot see them. */
  mailbox: string | undefined;
  analytics: string;
  /** Bearer token, if rides requires one. */
  token?: string | undefined;
}

/**
 * @param patience time limit of each step, in milliseconds
 * @throws Error with the step that did not happen
 */
export async function bookSampleRide(
  addresses: Addresses,
  onStep: (step: Step) => void,
  patience = 30_000,
): Promise<void> {
  const counted = await countedRides(addresses.analytics);
  const start = performance.now();
  const step = (what: Step['what'], detail: string) =>
    onStep({ at: performance.now() - start, what, detail });

  const { id, stored } = await book(addresses);
  step('accepted', `202, ride ${id}`);
  step('stored', `in Kafka at ${stored}`);
  const { mailbox } = addresses;
  step('decided', await until('decided', patience, () => outcome(addresses, id)));
  // Not earlier: an effect that is seen before its cause would puzzle people.
  await Promise.all([
    mailbox && until('mailed', patience, () => mail(mailbox, id)).then((detail) => step('mailed', detail)),
    until('counted', patience, async () => {
      const now = await countedRides(addresses.analytics);
      return now > counted ? `ride number ${now} in the statistics` : null;
    }).then((detail) => step('counted', detail)),
  ]);
}

const bearer = ({ token }: Addresses) => (token ? { authorization: `Bearer ${token}` } : {});

async function book(to: Addresses): Promise<{ id: string; stored: string }> {
  const response = await fetch(`${to.rides}/rides`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(to) },
    body: JSON.stringify({ customer_id: 'user_1', location: { lat: 12.97, long: 77.59 } }),
  });
  if (response.status !== 202)
    throw new Error(`step "accepted": POST /rides answered ${response.status}: ${await response.text()}`);
  const { ride, stored } = (await response.json()) as {
    ride: { id: string };
    stored: { topic: string; partition: number; offset: string };
  };
  return { id: ride.id, stored: `${stored.topic}/${stored.partition}/${stored.offset}` };
}

async function outcome(of: Addresses, id: string): Promise<string | null> {
  const response = await fetch(`${of.rides}/rides/${id}`, { headers: bearer(of) });
  if (!response.ok) return null;
  const ride = (await response.json()) as {
    status: string;
    alloted_driver?: string;
    pickup_minutes?: number;
    reason?: string;
  };
  if (ride.status === 'confirmed')
    return `confirmed, ${ride.alloted_driver} comes in ${ride.pickup_minutes} min`;
  return ride.status === 'rejected' ? `rejected: ${ride.reason}` : null;
}

async function mail(mailbox: string, id: string): Promise<string | null> {
  const response = await fetch(`${mailbox}/email`);
  const mails = (await response.json()) as { subject: string; text?: string; to: { address: string }[] }[];
  const found = mails.find(({ text }) => text?.includes(id));
  return found ? `"${found.subject}" to ${found.to[0]?.address}` : null;
}

async function countedRides(analytics: string): Promise<number> {
  const response = await fetch(`${analytics}/stats`);
  return ((await response.json()) as { overall: { rides: number } }).overall.rides;
}

async function until(
  what: Step['what'],
  patience: number,
  ask: () => Promise<string | null>,
): Promise<string> {
  const end = Date.now() + patience;
  for (let last = ''; Date.now() < end; await sleep(20)) {
    const answer = await ask().catch((error: Error) => {
      last = `: ${error.message}`;
      return null;
    });
    if (answer !== null) return answer;
    if (Date.now() + 20 >= end)
      throw new Error(`step "${what}" did not happen within ${patience / 1000} s${last}`);
  }
  throw new Error(`step "${what}" did not happen within ${patience / 1000} s`);
}
