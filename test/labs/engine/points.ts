/** The loyalty program's database: what the student's service changes in it, and what the checker reads. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, Entry } from '../../../infra/check/facts.ts';
import { PartitionedLog } from '../../../infra/check/places.ts';
import { placeOn } from '../../../infra/check/records.ts';
import type { RememberingPoints } from '../kit.ts';
import { committed } from './probe.ts';

/** How long a call takes, in milliseconds. */
const moment = 3;

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  // Only processes are killed here, never the machine, so nothing has to reach the disk.
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS points (number INTEGER PRIMARY KEY, customer TEXT, points INTEGER, place TEXT);
    CREATE TABLE IF NOT EXISTS remembered (key TEXT PRIMARY KEY)`);
  return db;
}

/** @param at called before (`before-produce`) and after (`after-produce`) points are stored */
export function pointsIn(
  file: string,
  at: (point: 'before-produce' | 'after-produce', where: string) => void,
  begun: (place: string) => void,
): RememberingPoints {
  const db = open(file);
  const insert = db.prepare('INSERT INTO points (customer, points, place) VALUES (?, ?, ?)');
  const remembers = db.prepare('SELECT 1 FROM remembered WHERE key = ?');
  const remember = db.prepare('INSERT OR IGNORE INTO remembered (key) VALUES (?)');
  return {
    async add(customer, points, { topic, partition, offset }) {
      const place = `${topic}/${partition}/${offset}`;
      begun(place);
      at('before-produce', `the points for ${place} are not stored yet`);
      await sleep(moment);
      await committed();
      insert.run(String(customer), points, place);
      at(
        'after-produce',
        `the points for ${place} are stored${db.isTransaction ? ', the transaction is open' : ''}`,
      );
    },
    async remembers(key) {
      await sleep(moment);
      return remembers.get(String(key)) !== undefined;
    },
    async remember(key) {
      await sleep(moment);
      remember.run(String(key));
    },
    async transaction(change) {
      db.exec('BEGIN IMMEDIATE');
      try {
        await change();
        db.exec('COMMIT');
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
  };
}

/** The checker's view of the same database. */
export class PointsSeen {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = open(file);
  }

  count(): number {
    return Number(this.#db.prepare('SELECT count(*) AS n FROM points').get()?.n);
  }

  remembered(): string[] {
    return this.#db
      .prepare('SELECT key FROM remembered')
      .all()
      .map(({ key }) => String(key));
  }

  /** Points are to a ride what a decision is: the checker counts both in the same way. */
  decisions(requests: Entry[]): Decision[] {
    const log = new PartitionedLog(requests);
    const rows = this.#db.prepare('SELECT number, customer, place FROM points ORDER BY number').all();
    return rows.map(({ number, customer, place }) => {
      const cause = placeOn('ride_details', String(place));
      const request = log.at(cause);
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
    });
  }

  close(): void {
    this.#db.close();
  }
}
