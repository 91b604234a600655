import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { serviceNames } from '../../infra/system/system.ts';
import { type Attempt, attempts } from './hostile-requests.ts';
import { type Answer, Pool, sendBytes } from './raw-http.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** Created at a time, so they are not all in memory. */
const portion = 1000;
/** Sent at a time. */
const atOnce = 32;
const seed = 5;

export const hostile: Scenario = {
  name: 'hostile',
  what: 'malformed and hostile requests',
  alone: true,
  async run(world, say) {
    const count = world.share ? 5000 : 100_000;
    const url = world.system.url('rides');
    const pool = new Pool(url, atOnce);
    const before = { ends: await ends(world), pids: pids(world) };
    const statuses: Record<number, number> = {};
    const kinds: Record<string, number> = {};
    for (let sent = 0; sent < count; sent += portion) {
      const made = fc.sample(attempts, { numRuns: portion, seed: seed + sent });
      let next = 0;
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let attempt = made[next++]; attempt; attempt = made[next++]) {
            kinds[attempt.kind] = (kinds[attempt.kind] ?? 0) + 1;
            for (const status of await refusals(url, pool, attempt))
              statuses[status] = (statuses[status] ?? 0) + 1;
          }
        }),
      );
      if ((sent + portion) % (count / 5) === 0) say(`${sent + portion} sent`);
    }
    pool.close();
    for (const [kind, times] of Object.entries(kinds)) say(`${String(times).padStart(7)}  ${kind}`);

    const after = { ends: await ends(world), pids: pids(world) };
    if (JSON.stringify(after) !== JSON.stringify(before))
      throw new Error(
        `offsets or processes changed from ${JSON.stringify(before)} to ${JSON.stringify(after)}`,
      );
    const bad = world.lines.filter((line) => /"level":[56]0/.test(line));
    if (bad.length > 0) throw new Error(`errors were logged:\n${bad.slice(0, 10).join('\n')}`);
    const ride = await world.book({ customer_id: 'afterwards', location: { lat: 1, long: 1 } });
    world.accepted.push({ id: ride.id, customer_id: 'afterwards' });
    const listed = Object.entries(statuses).map(([status, times]) => `${times} × ${status}`);
    return { rounds: count, note: listed.join(', ') };
  },
};

/** The statuses of the answers to an attempt. @throws Error when there is none, or one is not a rejection */
async function refusals(url: string, pool: Pool, { kind, bytes, raw }: Attempt): Promise<number[]> {
  const answers = raw ? await sendBytes(url, bytes) : await sendWhole(pool, bytes);
  const refused = answers.length > 0 && answers.every((status) => status >= 400 && status < 500);
  if (refused) return answers;
  throw new Error(
    `${kind} was answered with ${answers.join(', ') || 'nothing'}: ${JSON.stringify(bytes.subarray(0, 2000).toString('latin1'))}`,
  );
}

async function sendWhole(pool: Pool, bytes: Buffer): Promise<number[]> {
  const answer = await pool.send(bytes);
  if (!answer) return [];
  return answer.status === 202 ? inside(answer) : [answer.status];
}

/** The statuses of the rides in the answer to a batch. */
function inside({ status, body }: Answer): number[] {
  const { results } = JSON.parse(body) as { results?: { status: number }[] };
  return results?.map((result) => result.status) ?? [status];
}

const pids = ({ system }: World) => serviceNames.map((name) => system.children.get(name)?.pid);

/** The next offset of each partition that rides writes. */
async function ends({ broker: { brokers } }: World): Promise<string[]> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets('ride_details');
  await admin.disconnect();
  return offsets.toSorted((a, b) => a.partition - b.partition).map(({ high }) => high);
}
