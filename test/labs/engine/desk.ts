/** The database of the booking desk: what the student's service changes, and what the checker sees. */
import type { DatabaseSync } from 'node:sqlite';
import type { Accepted } from '../../../infra/check/check.ts';
import type { DeskDatabase } from '../kit.ts';
import { transactionIn } from './database.ts';
import { at } from './probe.ts';

/** @param begun called with the id of a ride before it is in the outbox */
export function deskIn(db: DatabaseSync, begun: (ride: string) => void): DeskDatabase {
  const insertRide = db.prepare('INSERT OR IGNORE INTO rides (id, customer) VALUES (?, ?)');
  const insert = db.prepare('INSERT INTO outbox (ride) VALUES (?)');
  const all = db.prepare('SELECT number, ride FROM outbox ORDER BY number');
  const remove = db.prepare('DELETE FROM outbox WHERE number = ?');
  const open = () => (db.isTransaction ? ', the transaction is open' : '');
  return {
    async insertRide(ride) {
      insertRide.run(ride.id, ride.customer_id);
      at('mid-statistics', `the ride ${ride.id} is in the database${open()}`);
    },
    async insertIntoOutbox(ride) {
      begun(ride.id);
      insert.run(JSON.stringify(ride));
      at('mid-statistics', `the ride ${ride.id} is in the outbox${open()}`);
    },
    outbox: async () =>
      all.all().map(({ number, ride }) => ({ number: Number(number), ride: JSON.parse(String(ride)) })),
    async deleteFromOutbox(number) {
      remove.run(number);
      at('after-commit', `row ${number} of the outbox is deleted`);
    },
    transaction: (change) => transactionIn(db, change),
  };
}

/** The rides in the database: those that customers can rely on. */
export const ridesIn = (db: DatabaseSync): Accepted[] =>
  db
    .prepare('SELECT id, customer FROM rides')
    .all()
    .map(({ id, customer }) => ({ id: String(id), customer_id: String(customer) }));
