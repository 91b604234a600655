/** The database of a lab: one SQLite file, which the student's process changes and the checker reads. */
import { DatabaseSync } from 'node:sqlite';

export function openDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  // Only processes are killed here, never the machine, so nothing has to reach the disk.
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS points (number INTEGER PRIMARY KEY, customer TEXT, points INTEGER, place TEXT);
    CREATE TABLE IF NOT EXISTS remembered (key TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS writes (number INTEGER PRIMARY KEY, customer TEXT, points INTEGER, place TEXT);
    CREATE TABLE IF NOT EXISTS epochs (partition INTEGER PRIMARY KEY, epoch INTEGER);
    CREATE TABLE IF NOT EXISTS mails (number INTEGER PRIMARY KEY, message_id TEXT, ride TEXT);
    CREATE TABLE IF NOT EXISTS rides (id TEXT PRIMARY KEY, customer TEXT);
    CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, ride TEXT)`);
  return db;
}

/** Changes that happen together or not at all. */
export async function transactionIn(db: DatabaseSync, change: () => Promise<void>): Promise<void> {
  db.exec('BEGIN IMMEDIATE');
  try {
    await change();
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}
