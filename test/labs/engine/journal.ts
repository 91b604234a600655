/** What the student's process tells about itself. It is a file, because a process that is killed sends nothing any more. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export type Told =
  | { what: 'crash'; point: string; where: string }
  /** It began an effect for the message at these coordinates. */
  | { what: 'begun'; place: string }
  /** Points are stored or a payment is taken, for the message at these coordinates. */
  | { what: 'done'; place: string }
  /** It asks Kafka to commit these offsets, each as the coordinates of the next message. */
  | { what: 'commit'; places: string[] }
  /** It is held before it starts its first transactional producer. */
  | { what: 'held' }
  /** It asked Kafka to end a transaction, and has the answer: whether it is committed. */
  | { what: 'ended'; committed: boolean }
  | { what: 'transactional id'; id: string }
  /** It got its share of the partitions, as this member of its group. */
  | { what: 'joined'; member: string; partitions: number[] }
  /** It began to leave its group. */
  | { what: 'leaving' };

export const tell = (file: string, told: Told): void =>
  appendFileSync(file, `${JSON.stringify({ at: Date.now(), ...told })}\n`);

/** Everything of these kinds that it told, in order, each with its time, in milliseconds since 1970. */
export const told = <W extends Told['what']>(file: string, ...kinds: W[]) =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line): { at: number } & Told => JSON.parse(line))
        .filter((one): one is { at: number } & Extract<Told, { what: W }> => kinds.includes(one.what as W))
    : [];
