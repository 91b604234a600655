/** Books rides at the requested rate in a separate thread: see flood.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import type { Flood, FloodOrder } from './flood.ts';
import { type Answer, Pool, post } from './raw-http.ts';

const { url, connections, seed } = workerData as { url: string; connections: number; seed: string };
const random = seededRandom(seed);
const pool = new Pool(url, connections);
let count = 0;

/** Number of 202 answers between two times. */
interface Measured {
  from: number;
  to: number;
  count: number;
}

parentPort?.on('message', async (order: FloodOrder | null) => {
  if (!order) return pool.close();
  const flood: Flood = {
    sent: 0,
    waiting: 0,
    unanswered: 0,
    statuses: {},
    wrong: [],
    accepted: [],
    rate: 0,
    slowest: 0,
  };
  const start = performance.now();
  const { seconds, after = 1 } = order;
  const measured: Measured = { from: start + after * 1000, to: start + seconds * 1000, count: 0 };
  await ('rate' in order
    ? openLoop(order.rate, seconds, flood, measured)
    : closedLoop(order.clients, flood, measured));
  flood.rate = measured.count / (seconds - after);
  parentPort?.postMessage(flood);
});

/** Sends requests by the clock, whether or not earlier ones are answered. */
async function openLoop(rate: number, seconds: number, flood: Flood, measured: Measured) {
  const start = performance.now();
  const open = new Set<Promise<void>>();
  for (let n = 0; n < rate * seconds; ) {
    const due = Math.min(rate * seconds, ((performance.now() - start) * rate) / 1000);
    for (; n < due; n++) {
      const booking = book(flood, measured);
      if (!booking) flood.waiting++;
      else open.add(booking.finally(() => open.delete(booking)));
    }
    await sleep(2);
  }
  await Promise.all(open);
}

/** Each client sends the next request after the answer. */
async function closedLoop(clients: number, flood: Flood, measured: Measured) {
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < measured.to) await book(flood, measured);
    }),
  );
}

function book(flood: Flood, measured: Measured): Promise<void> | null {
  const customer_id = `flood_${count++ % 200}`;
  const start = performance.now();
  const sent = Date.now();
  const answer = pool.send(post('/rides', JSON.stringify({ ...randomRide(random), customer_id })));
  if (!answer) return null;
  flood.sent++;
  return answer.then((answer) => {
    const now = performance.now();
    flood.slowest = Math.max(flood.slowest, now - start);
    if (!answer) return void flood.unanswered++;
    flood.statuses[answer.status] = (flood.statuses[answer.status] ?? 0) + 1;
    if (!right(answer) && flood.wrong.length < 10) flood.wrong.push(`${answer.head}\n${answer.body}`);
    if (answer.status !== 202) return;
    if (now >= measured.from && now <= measured.to) measured.count++;
    const id = /"id":"([^"]+)"/.exec(answer.body)?.[1] ?? '';
    flood.accepted.push({ id, customer_id, sent, answered: Date.now() });
  });
}

const right = ({ status, head }: Answer) =>
  status === 202 || (status >= 400 && status < 500) || (status === 503 && /\r\nretry-after: \d/i.test(head));
