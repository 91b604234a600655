/** Several processes of the student's service that share the partitions of one topic. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from './database.ts';
import type { Ground } from './ground.ts';
import { type Told, told } from './journal.ts';
import type { Failure } from './lab.ts';
import { Life } from './life.ts';
import { Patience } from './patience.ts';
import { type TemporaryTopic, withTopic } from './temporary-topic.ts';

/** How long processes may take to start, the first one to join after that, and then all of them, in milliseconds. */
const [starting, joining, sharing] = [30_000, 8000, 20_000];

/** A message that a process began to handle. */
export interface Begun {
  /** In milliseconds since 1970. */
  at: number;
  /** The number of the process. */
  by: number;
  partition: number;
  offset: number;
}

/** Resolves when the condition holds, with true, or after this many milliseconds, with false. */
export async function until(holds: () => boolean, milliseconds: number): Promise<boolean> {
  for (const patience = new Patience(); ; await sleep(20)) {
    if (holds()) return true;
    if (patience.look() > milliseconds) return false;
  }
}

export class Member {
  readonly number: number;
  readonly life: Life;
  readonly journal: string;

  constructor(number: number, life: Life, journal: string) {
    this.number = number;
    this.life = life;
    this.journal = journal;
  }

  told<W extends Told['what']>(...kinds: W[]) {
    return told(this.journal, ...kinds);
  }

  /** Its last place in the group; undefined before the first one. */
  get place() {
    return this.told('joined').at(-1);
  }
}

export interface FleetOf {
  /** The student's file: an absolute path. */
  file: string;
  brokers: string[];
  topic: string;
  partitions: number;
}

export class Fleet {
  readonly #of: FleetOf;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rideflow-lab-'));
  readonly #database = join(this.#folder, 'database.sqlite');
  readonly #db = openDatabase(this.#database);
  /** All that were started. */
  readonly members: Member[] = [];
  /** The next process is prepared ahead, because it takes longer to start than to join. */
  #spare = new Life();

  constructor(of: FleetOf) {
    this.#of = of;
  }

  /** @param crash where the process gets SIGTERM, in the form of `CRASH_AT` */
  start(crash?: string): Member {
    const { file, brokers, topic } = this.#of;
    const number = this.members.length + 1;
    const member = new Member(number, this.#spare, join(this.#folder, `journal-${number}`));
    this.#spare = new Life();
    this.members.push(member);
    member.life.begin({
      file,
      brokers,
      topic,
      crash,
      signal: 'SIGTERM',
      database: this.#database,
      journal: member.journal,
    });
    return member;
  }

  /**
   * Waits until these processes share all partitions, each with at least one.
   * @returns why they do not
   */
  async settled(members: Member[]): Promise<Failure | null> {
    const { topic, partitions } = this.#of;
    const settled = () => {
      const shares = members.map(({ place }) => place?.partitions ?? []);
      return shares.every(({ length }) => length > 0) && shares.flat().length === partitions;
    };
    const fell = () => failureOf(members) !== null;
    await until(() => fell() || members.every(({ life }) => life.consumers !== null), starting);
    if (await until(() => fell() || members.some(({ place }) => place), joining))
      await until(() => fell() || settled(), sharing);
    if (settled() && !fell()) return null;
    return (
      failureOf(members) ??
      stalled(
        members,
        `${members.length} processes run, and they do not share the ${partitions} partitions of ${topic}.`,
      )
    );
  }

  /** In the order in which they began. */
  begun(members = this.members): Begun[] {
    const { topic } = this.#of;
    return members
      .flatMap((member) =>
        member.told('begun').flatMap(({ at, place }) => {
          const [name, partition, offset] = place.split('/');
          return name === topic
            ? [{ at, by: member.number, partition: Number(partition), offset: Number(offset) }]
            : [];
        }),
      )
      .sort((a, b) => a.at - b.at);
  }

  /** How often the points of a message were stored, by its coordinates. */
  stored(): Map<string, number> {
    const rows = this.#db.prepare('SELECT place, count(*) AS n FROM points GROUP BY place').all();
    return new Map(rows.map(({ place, n }) => [String(place), Number(n)]));
  }

  async close(): Promise<void> {
    await Promise.all([this.#spare, ...this.members.map(({ life }) => life)].map((life) => life.kill()));
    this.#db.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Opens a topic and a fleet for it, without any process yet. Ends both afterwards. */
export async function withFleet<T>(
  ground: Ground,
  { file, group, partitions }: { file: string; group: string; partitions: number },
  use: (fleet: Fleet, topic: TemporaryTopic) => Promise<T>,
): Promise<T> {
  await ground.expel(group);
  return withTopic(ground.brokers, partitions, async (topic) => {
    const fleet = new Fleet({ file, brokers: ground.brokers, topic: topic.topic, partitions });
    try {
      return await use(fleet, topic);
    } finally {
      await fleet.close();
      await ground.expel(group);
    }
  });
}

/** What is wrong with processes that have to run; null if nothing is. */
export function failureOf(members: Member[]): Failure | null {
  for (const { number, life } of members) {
    if (!life.running)
      return {
        hint: 'ended',
        saw: `Process ${number} ended by itself (${life.end}).`,
        evidence: outputOf(life),
      };
    if (life.consumers === 0)
      return { hint: 'nothing', saw: 'Your service created no consumer, so it reads nothing.' };
  }
  return null;
}

/** Processes that run, but do not go on. @param saw what is missing */
export const stalled = (members: Member[], saw: string): Failure => ({
  hint: 'stalled',
  saw,
  evidence: members.flatMap(({ life }) => outputOf(life)),
});

const outputOf = ({ output }: Life): [string, string][] =>
  output ? output.split('\n').map((line) => ['output', line]) : [];
