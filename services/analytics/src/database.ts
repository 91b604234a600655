/** The SQLite file: its tables, how it is opened, and every statement that is run on it. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Raised when the tables or the meaning of a row change; an older file is refused. */
const schemaVersion = 1;

const schema = `
  CREATE TABLE tallies (
    scope TEXT NOT NULL, key TEXT NOT NULL,
    rides INTEGER NOT NULL, rejected INTEGER NOT NULL,
    timed INTEGER NOT NULL, minutes_sum INTEGER NOT NULL, minutes_max INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE offsets (
    partition INTEGER PRIMARY KEY,
    next TEXT NOT NULL,              -- a decimal: offsets have 64 bits
    newest_timestamp INTEGER NOT NULL -- of all messages counted, in milliseconds since 1970
  ) STRICT;
  PRAGMA user_version = ${schemaVersion};
`;

/** @throws Error when the file cannot be opened, is not such a file, or another process has it */
export function openDatabase(file: string): DatabaseSync {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    // EXCLUSIVE: a second process on the same file fails at start, instead of both writing their own memory over the other's.
    // FULL: a commit is on disk before Kafka is asked for more. Losing the last commits with the power would be harmless, since the
    // offsets go with them and the messages are read again, but what was printed and shown would have been undone.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('BEGIN IMMEDIATE');
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    if (version === 0) database.exec(schema);
    else if (version !== schemaVersion)
      throw new Error(
        `it is of version ${version}, this program writes version ${schemaVersion}; delete it to count from the start`,
      );
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database.close();
    const { message } = error as Error;
    const reason = /locked/.test(message)
      ? 'another process has it open; one process owns the file, give each its own (DATABASE)'
      : message;
    throw new Error(`The statistics file ${file} cannot be used: ${reason}`, { cause: error });
  }
}

export function prepareStatements(database: DatabaseSync) {
  return {
    write: database.prepare('INSERT OR REPLACE INTO tallies VALUES (?, ?, ?, ?, ?, ?, ?)'),
    remove: database.prepare('DELETE FROM tallies WHERE scope = ? AND key = ?'),
    position: database.prepare('INSERT OR REPLACE INTO offsets VALUES (?, ?, ?)'),
    tallies: database.prepare(
      'SELECT scope, key, rides, rejected, timed, minutes_sum AS minutesSum, minutes_max AS minutesMax FROM tallies',
    ),
    positions: database.prepare('SELECT partition, next, newest_timestamp FROM offsets'),
  };
}
