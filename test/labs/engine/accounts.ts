/** The balances of customers: what the student's service writes, and which rides are in them. */
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, Entry } from '../../../infra/check/facts.ts';
import type { Accounts } from '../kit.ts';
import { asDecision } from './points.ts';
import { at, committed } from './probe.ts';

/** How long a call takes, in milliseconds. */
const moment = 3;

class Fenced extends Error {
  override name = 'Fenced';
}

/** @param begun called with the name of each call */
export function accountsIn(db: DatabaseSync, begun: (place: string) => void): Accounts {
  const read = db.prepare('SELECT points FROM writes WHERE customer = ? ORDER BY number DESC LIMIT 1');
  const insert = db.prepare('INSERT INTO writes (customer, points, place) VALUES (?, ?, ?)');
  const newest = db.prepare('SELECT epoch FROM epochs WHERE partition = ?');
  const claim = db.prepare(
    'INSERT INTO epochs (partition, epoch) VALUES (?, 1) ON CONFLICT (partition) DO UPDATE SET epoch = epoch + 1 RETURNING epoch',
  );
  const epochOf = (partition: number) => Number(newest.get(partition)?.epoch ?? 0);
  return {
    async read(customer) {
      begun('read');
      await sleep(moment);
      const points = Number(read.get(String(customer))?.points ?? 0);
      at('mid-statistics', `the balance of ${customer} is read: ${points} points`);
      return points;
    },
    async write(customer, points, { topic, partition, offset }, epoch) {
      const place = `${topic}/${partition}/${offset}`;
      begun('write');
      if (epoch !== undefined) begun('epoch');
      at('before-produce', `the new balance for ${place} is on its way to the database`);
      await sleep(moment);
      await committed();
      // One transaction: nobody claims the partition between the comparison and the write.
      db.exec('BEGIN IMMEDIATE');
      const now = epochOf(partition);
      if (epoch === undefined || epoch >= now) insert.run(String(customer), points, place);
      db.exec('COMMIT');
      if (epoch !== undefined && epoch < now)
        throw new Fenced(`partition ${partition} has the epoch ${now}; this write has ${epoch}`);
      at('after-produce', `the new balance for ${place} is stored`);
    },
    async claim(partition) {
      begun('claim');
      await sleep(moment);
      return Number(claim.get(partition)?.epoch);
    },
    async newest(partition) {
      begun('newest');
      await sleep(moment);
      return epochOf(partition);
    },
  };
}

/** The rides that the last balance of each customer contains. A write of a balance undoes those with the same or a larger one. */
export function balancesAsDecisions(db: DatabaseSync, requests: Entry[]): Decision[] {
  const rows = db.prepare('SELECT number, customer, points, place FROM writes ORDER BY number').all();
  const contained = new Map<string, typeof rows>();
  for (const row of rows) {
    const before = contained.get(String(row.customer)) ?? [];
    contained.set(String(row.customer), [
      ...before.filter(({ points }) => Number(points) < Number(row.points)),
      row,
    ]);
  }
  return [...contained.values()].flat().map((row) => asDecision(row, requests));
}
