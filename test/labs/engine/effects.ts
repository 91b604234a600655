/** The effects of the student's service, as the checker sees them. */
import type { DatabaseSync } from 'node:sqlite';
import type { Facts } from '../../../infra/check/facts.ts';
import { balancesAsDecisions } from './accounts.ts';
import { ridesIn } from './desk.ts';
import type { Ground } from './ground.ts';
import { mailsIn } from './mails.ts';
import { pointsAsDecisions } from './points.ts';

export interface Kind {
  /** The topic that the service reads; null: it is called by customers. */
  input: 'ride_details' | 'ride_confirmed' | null;
  /** How many effects there are. Only a change counts. */
  count(db: DatabaseSync, ground: Ground): Promise<number>;
  /** What takes the place of facts that are not in Kafka. */
  facts(db: DatabaseSync, read: Facts): Partial<Facts>;
}

const rows = async (db: DatabaseSync, table: string) =>
  Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
const total = (ends: Map<number, number>) => [...ends.values()].reduce((sum, end) => sum + end, 0);

export const kinds = {
  /** Points in the loyalty program. */
  points: {
    input: 'ride_details',
    count: (db) => rows(db, 'points'),
    facts: (db, { requests }) => ({ decisions: pointsAsDecisions(db, requests) }),
  },
  /** Balances of customers. */
  balances: {
    input: 'ride_details',
    count: (db) => rows(db, 'writes'),
    facts: (db, { requests }) => ({ decisions: balancesAsDecisions(db, requests) }),
  },
  /** Messages on ride_confirmed. */
  decisions: {
    input: 'ride_details',
    count: async (_, ground) => total(await ground.log.ends('ride_confirmed')),
    facts: () => ({}),
  },
  /** Mails about decisions. */
  mails: {
    input: 'ride_confirmed',
    count: (db) => rows(db, 'mails'),
    facts: (db) => ({ mails: mailsIn(db) }),
  },
  /** Rides in a database and on ride_details. */
  rides: {
    input: null,
    count: async (db, ground) =>
      (await rows(db, 'rides')) + (await rows(db, 'outbox')) + total(await ground.log.ends('ride_details')),
    facts: (db) => ({ accepted: ridesIn(db) }),
  },
} as const satisfies Record<string, Kind>;
