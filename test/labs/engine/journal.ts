/** What the student's process tells about itself. It is a file, because a process that is killed sends nothing any more. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export type Told =
  | { what: 'crash'; point: string; where: string }
  /** It began an effect for the message at these coordinates. */
  | { what: 'begun'; place: string }
  | { what: 'commit' }
  /** It is held before it starts its first transactional producer. */
  | { what: 'held' }
  /** It asked Kafka to end a transaction, and has the answer: whether it is committed. */
  | { what: 'ended'; committed: boolean }
  | { what: 'transactional id'; id: string };

export const tell = (file: string, told: Told): void => appendFileSync(file, `${JSON.stringify(told)}\n`);

export const told = (file: string): Told[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line))
    : [];
