/** The SQLite file: its tables, how it is opened, and all statements. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Increased when the tables or the meaning of a row change. Older files are rejected. */
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

/** @throws Error when the file cannot be opened, is not a statistics file, or is open in another process */
export function openDatabase(file: string): DatabaseSync {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    // EXCLUSIVE: a second process on the same file fails at its start. Otherwise each would overwrite the data of the other.
    // FULL: a commit is on disk before more is read from Kafka. A power failure without it would lose no ride, because the
    // offsets are lost too and the messages are read again, but figures that were already shown would go back.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('BEGIN IMMEDIATE');
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    if (version === 0) database.exec(schema);
    else if (version !== schemaVersion)
      throw new Error(
        `it has version ${version}, but this program needs version ${schemaVersion}. Delete the file to count from the start`,
      );
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database.close();
    const { message } = error as Error;
    const reason = /locked/.test(message)
      ? 'another process has it open. Only one process can use the file; set DATABASE to a different file for each'
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
