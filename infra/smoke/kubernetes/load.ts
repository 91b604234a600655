/**
 * Customers who keep their connections and book once: a request that is not answered with 202 counts as failed. Runs inside the
 * cluster until SIGTERM, then waits for the last answers and prints one line of JSON.
 *
 *     node load.ts <url of rides> <rides per second> <file for the accepted rides>
 */
import { appendFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomRide, seededRandom } from '../../book/random.ts';

const [url = '', rate = '', file = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const random = seededRandom(Date.now());
const failures = new Map<string, number>();
let [posted, accepted, longest, stopped] = [0, 0, 0, false];
process.once('SIGTERM', () => {
  stopped = true;
});

function post(ride: object): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request(`${url}/rides`, { method: 'POST', agent, headers, timeout: 15_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', reject);
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer within 15 s')));
    asked.once('error', reject).end(JSON.stringify(ride));
  });
}

async function book(n: number): Promise<void> {
  // Few enough customers that the order of each one's rides is worth checking.
  const ride = { ...randomRide(random), customer_id: `smoke_${n % 50}` };
  const sent = Date.now();
  try {
    const { status, body } = await post(ride);
    if (status !== 202) throw new Error(`${status}: ${body.slice(0, 200)}`);
    const { id, customer_id } = JSON.parse(body).ride;
    const answered = Date.now();
    longest = Math.max(longest, answered - sent);
    accepted++;
    appendFileSync(file, `${JSON.stringify({ id, customer_id, sent, answered })}\n`);
  } catch (error) {
    const { message } = error as Error;
    failures.set(message, (failures.get(message) ?? 0) + 1);
  }
}

const open = new Set<Promise<void>>();
for (let due = performance.now(); !stopped; due += 1000 / Number(rate)) {
  await sleep(Math.max(0, due - performance.now()));
  const booking = book(posted++).finally(() => open.delete(booking));
  open.add(booking);
}
await Promise.all(open);
const failed = posted - accepted;
console.log(
  JSON.stringify({ posted, accepted, failed, longest_ms: longest, failures: Object.fromEntries(failures) }),
);
process.exit(failed === 0 ? 0 : 1);
