import { setTimeout as sleep } from 'node:timers/promises';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import { eventually } from '../support/eventually.ts';
import { type Answer, Pool, post } from './raw-http.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

interface Keyed {
  key: string;
  body: string;
  other: string;
  customer_id: string;
  /** The content of the first 202. */
  answer?: { id: string; text: string };
}

/** Keys in progress at a time. */
const atOnce = 100;

export const idempotency: Scenario = {
  name: 'idempotency',
  what: 'each Idempotency-Key sent three times at once, to two rides processes',
  alone: true,
  async run(world, say) {
    const count = world.share ? 1000 : 10_000;
    const [port = 0] = await freePorts(1);
    const second = { as: 'rides-2', port };
    const urls = [world.system.url('rides'), `http://localhost:${port}`] as const;
    world.system.run('rides', second);
    await world.system.ready('rides', 60_000, urls[1]);
    const keys = makeKeys(count);
    const statuses: Record<number, number> = {};

    let pools = urls.map((url) => new Pool(url, 500));
    const ask = async (keyed: Keyed, process: number, body = keyed.body): Promise<Answer | null> => {
      const request = post('/rides', body, `idempotency-key: "${keyed.key}"\r\n`);
      const answer = (await pools[process % 2]?.send(request)) ?? null;
      if (answer) statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      return answer;
    };

    await each(keys, async (keyed, n) => {
      const sent = Date.now();
      const answers = await Promise.all([ask(keyed, 0), ask(keyed, 1), ask(keyed, n)]);
      for (let attempt = 0; !judge(keyed, answers); attempt++) {
        if (attempt === 100) throw new Error(`key ${keyed.key} was never answered with 202`);
        await sleep(100);
        answers.splice(0, answers.length, await ask(keyed, attempt));
      }
      const { id = '' } = keyed.answer ?? {};
      world.accepted.push({ id, customer_id: keyed.customer_id, sent, answered: Date.now() });
    });
    say(`${count} keys, three requests each at once: ${listed(statuses)}`);

    await replay(keys, ask, 'while both run');
    say('each key again, to both processes: the same answer; with another body: refused');
    for (const pool of pools) pool.close();
    await Promise.all([
      world.restart('rides', 'SIGKILL'),
      (async () => {
        await world.system.children.get('rides-2')?.stop();
        world.system.run('rides', second);
        await world.system.ready('rides', 60_000, urls[1]);
      })(),
    ]);
    pools = urls.map((url) => new Pool(url, 500));
    await replay(keys, ask, 'after both were restarted');
    for (const pool of pools) pool.close();
    say('the same again after one process was killed, the other was stopped, and both were restarted');

    const repeats = await firstOnesWere(world, keys);
    await world.system.children.get('rides-2')?.stop();
    return {
      rounds: 3 * count,
      note: `${count} keys; ${repeats} requests reached Kafka twice, and were one ride`,
    };
  },
};

function makeKeys(count: number): Keyed[] {
  const random = seededRandom('idempotency');
  return Array.from({ length: count }, (_, n) => {
    // A separate customer for each key, so only requests with the same key wait for each other.
    const ride = { ...randomRide(random), customer_id: `key_${n}` };
    const other = { ...ride, location: { lat: ride.location.lat, long: -ride.location.long } };
    return {
      key: `key-${n}`,
      customer_id: ride.customer_id,
      body: JSON.stringify(ride),
      other: JSON.stringify(other),
    };
  });
}

async function each(keys: Keyed[], what: (keyed: Keyed, n: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let n = next++; n < keys.length; n = next++) await what(keys[n] as Keyed, n);
    }),
  );
}

/** Whether one of the answers was a 202. @throws Error when one differs from before, or is not allowed */
function judge(keyed: Keyed, answers: (Answer | null)[]): boolean {
  for (const answer of answers) {
    if (!answer) throw new Error(`a request under key ${keyed.key} was not answered`);
    const { status, body } = answer;
    if (status === 202) {
      const { ride, stored } = JSON.parse(body) as { ride: { id: string }; stored: object };
      const text = JSON.stringify({ ride, stored });
      keyed.answer ??= { id: ride.id, text };
      if (keyed.answer.text !== text)
        throw new Error(`key ${keyed.key} was answered differently:\n${keyed.answer.text}\n${text}`);
    } else if (status !== 409 && status !== 503)
      throw new Error(`key ${keyed.key} was answered with ${status}: ${body}`);
  }
  return keyed.answer !== undefined;
}

/** Sends each key again with its own body, which must get the same answer, and with another body, which must be rejected. */
async function replay(
  keys: Keyed[],
  ask: (keyed: Keyed, process: number, body?: string) => Promise<Answer | null>,
  when: string,
): Promise<void> {
  await each(keys, async (keyed, n) => {
    const again = await ask(keyed, n);
    if (again?.status !== 202)
      throw new Error(`${when}, key ${keyed.key} was answered with ${again?.status}: ${again?.body}`);
    judge(keyed, [again]);
    const other = await ask(keyed, n + 1, keyed.other);
    if (other?.status !== 422)
      throw new Error(`${when}, key ${keyed.key} with another body was answered with ${other?.status}`);
  });
}

/**
 * The number of stored requests besides the first of each key. @throws Error when an answer was not the first, or the decided
 * rides differ
 */
async function firstOnesWere({ log }: World, keys: Keyed[]): Promise<number> {
  const ids = new Set(keys.map(({ answer }) => answer?.id));
  if (ids.size !== keys.length) throw new Error(`${keys.length} keys became ${ids.size} rides`);
  const decided = await eventually(() => {
    const of = log.on('ride_confirmed').filter(({ value }) => ids.has(String(value?.id)));
    if (new Set(of.map(({ value }) => value?.id)).size < ids.size)
      throw new Error('not all rides are decided');
    return of.length;
  }, 90_000);
  if (decided !== keys.length) throw new Error(`${keys.length} keys were decided ${decided} times`);
  const first = new Map<string, string>();
  let requests = 0;
  for (const { topic, partition, offset, value } of log.on('ride_details')) {
    const id = String(value?.id);
    if (!ids.has(id)) throw new Error(`nobody requested ride ${id}`);
    requests++;
    if (!first.has(id)) first.set(id, JSON.stringify({ topic, partition, offset }));
  }
  for (const { key, answer } of keys) {
    const stored = JSON.stringify(JSON.parse(answer?.text ?? '').stored);
    if (stored !== first.get(answer?.id ?? ''))
      throw new Error(`key ${key} was answered with ${stored}; the first is ${first.get(answer?.id ?? '')}`);
  }
  return requests - keys.length;
}

const listed = (statuses: Record<number, number>) =>
  Object.entries(statuses)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
