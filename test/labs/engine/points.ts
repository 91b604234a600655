/** The loyalty program: what the student's service changes in it, and what the checker sees. */
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, Entry } from '../../../infra/check/facts.ts';
import { placeOn } from '../../../infra/check/records.ts';
import type { Place, RememberingPoints } from '../kit.ts';
import { transactionIn } from './database.ts';
import { at, committed } from './probe.ts';

/** How long a call takes, in milliseconds. */
const moment = 3;

/**
 * @param begun called with the coordinates of the message before its points are stored, with `remembers` for each such call, and
 * with `not awaited` when a transaction ends before its calls
 * @param done called with the coordinates of the message when its points are stored
 */
export function pointsIn(
  db: DatabaseSync,
  begun: (place: string) => void,
  done: (place: string) => void,
): RememberingPoints {
  const insert = db.prepare('INSERT INTO points (customer, points, place) VALUES (?, ?, ?)');
  const remembers = db.prepare('SELECT 1 FROM remembered WHERE key = ?');
  const remember = db.prepare('INSERT OR IGNORE INTO remembered (key) VALUES (?)');
  let running = 0;
  const counted =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      running++;
      try {
        return await work(...args);
      } finally {
        running--;
      }
    };
  return {
    add: counted(async (customer: string, points: number, { topic, partition, offset }: Place) => {
      const place = `${topic}/${partition}/${offset}`;
      begun(place);
      at('before-produce', `the points for ${place} are not stored yet`);
      await sleep(moment);
      await committed();
      insert.run(String(customer), points, place);
      done(place);
      const open = db.isTransaction ? ', the transaction is open' : '';
      at('after-produce', `the points for ${place} are stored${open}`);
    }),
    remembers: counted(async (key: string) => {
      begun('remembers');
      await sleep(moment);
      return remembers.get(String(key)) !== undefined;
    }),
    remember: counted(async (key: string) => {
      await sleep(moment);
      remember.run(String(key));
    }),
    transaction: (change) =>
      transactionIn(db, async () => {
        const before = running;
        await change();
        if (running > before) begun('not awaited');
      }),
  };
}

/** Points are to a ride what a decision is: the checker counts both in the same way. */
export function pointsAsDecisions(db: DatabaseSync, requests: Entry[]): Decision[] {
  const rows = db.prepare('SELECT number, customer, place FROM points ORDER BY number').all();
  return rows.map((row) => asDecision(row, requests));
}

/** @param row its number, its customer and the place of its ride */
export function asDecision(
  { number, customer, place }: Record<string, unknown>,
  requests: Entry[],
): Decision {
  const cause = placeOn('ride_details', String(place));
  const request = requests.find(
    ({ partition, offset }) => partition === cause?.partition && offset === cause.offset,
  );
  return {
    partition: cause?.partition ?? -1,
    offset: Number(number),
    timestamp: Date.now(),
    identity: `points/${number}`,
    replayFor: null,
    id: request?.id ?? null,
    customer: String(customer),
    causeId: null,
    cause: cause ?? { partition: -1, offset: -1 },
    rejected: false,
    minutes: null,
    driver: null,
    at: 0,
  };
}
