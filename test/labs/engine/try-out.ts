/** Runs a scenario with the student's service, and lets the independent checker count. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterTopic } from '@rideflow/shared/topology.ts';
import { conserve } from '../../../infra/check/conserve.ts';
import type { Facts } from '../../../infra/check/facts.ts';
import { FactReader } from '../../../infra/check/read-facts.ts';
import { openDatabase } from './database.ts';
import { type Kind, kinds } from './effects.ts';
import { type Ground, rideOf } from './ground.ts';
import { type Told, told } from './journal.ts';
import { Life } from './life.ts';
import type { Outcome } from './outcome.ts';
import { Patience } from './patience.ts';
import type { Booking, Scenario, Life as Step } from './scenario.ts';

/**
 * A service that does nothing for this long has stopped, in milliseconds: before `start()` has returned, then, after it has done
 * something, and with rows in its outbox.
 */
const patience = { start: 11_000, first: 8000, later: 4000, outbox: 2500 };
/** Effects that nobody waited for are seen within this time, in milliseconds. */
const rest = 60;
/** How long a process that woke up may take to finish what it was doing, in milliseconds. */
const waking = 3000;

export interface Service {
  ground: Ground;
  /** The student's file: an absolute path. */
  file: string;
  /** Its consumer group. */
  group: string;
  effects: keyof typeof kinds;
}

/** The next life is prepared ahead, because a process takes longer to start than a check to run. */
let spare: Life | null = null;

export async function endSpare(): Promise<void> {
  await spare?.kill();
  spare = null;
}

/** How often a scenario is tried in which a frozen process has to commit before its successor goes on. */
const handovers = 3;

export async function tryOut(service: Service, scenario: Scenario): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const attempt = new Attempt(service, scenario);
    try {
      await attempt.run();
      if (attempt.missedHandover && tries < handovers) continue;
      return await attempt.judge();
    } finally {
      await attempt.clean();
    }
  }
}

type End = 'done' | 'crashed' | 'frozen' | 'held' | 'ended' | 'stalled';

class Attempt {
  readonly #service: Service;
  readonly #kind: Kind;
  readonly #scenario: Scenario;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rideflow-lab-'));
  readonly #database = join(this.#folder, 'database.sqlite');
  readonly #journal = join(this.#folder, 'journal');
  readonly #db = openDatabase(this.#database);
  readonly #run = Math.random().toString(36).slice(2, 6);
  readonly #numbers = new Map<string, number>();
  readonly #lives: Life[] = [];
  #frozen: Life | null = null;
  #from = 0;
  /** The ends of the dead-letter topic before the service runs. */
  #letters = new Map<number, number>();
  #ended: Outcome['ended'] = null;
  #stalled = false;
  #output = '';
  /** The successor was held, but its predecessor committed nothing meanwhile: this run says nothing about the takeover. */
  missedHandover = false;

  constructor(service: Service, scenario: Scenario) {
    this.#service = service;
    this.#kind = kinds[service.effects];
    this.#scenario = scenario;
  }

  async run(): Promise<void> {
    const { ground, group } = this.#service;
    const { input } = this.#kind;
    await ground.startAtEnd(group, input ?? 'ride_details');
    this.#from = Date.now();
    this.#letters = await ground.log.ends(deadLetterTopic('transaction'));
    for (const step of this.#scenario.lives) {
      if (input) await ground.book(step.rides ?? [], this.#idOf, input === 'ride_confirmed');
      if (!(await this.#live(step))) break;
    }
    await ground.endTransactions(this.#told('transactional id').map(({ id }) => id));
  }

  /** @returns whether the next life can begin */
  async #live(step: Step): Promise<boolean> {
    const { ground, group, file } = this.#service;
    const { crash, freeze, hold } = step;
    const life = spare ?? new Life();
    this.#lives.push(life);
    spare = null;
    life.begin({
      file,
      brokers: ground.brokers,
      database: this.#database,
      journal: this.#journal,
      crash,
      signal: freeze && 'SIGSTOP',
      hold,
      ...(!this.#kind.input && {
        requests: (step.rides ?? []).map((booking) => rideOf(booking, this.#idOf)),
      }),
    });
    spare = new Life();
    let end = await this.#watch(life, step);
    if (end === 'held') {
      const before = this.#committed();
      const [successor] = await ground.members(group);
      await this.#wake('until it commits');
      this.missedHandover = this.#committed() === before;
      await ground.expel(group, successor); // the frozen one may have joined again
      life.signal('SIGCONT');
      end = await this.#watch(life, { ...step, hold: undefined });
    }
    if (end === 'frozen') {
      this.#frozen = life;
      await ground.expel(group);
      return true;
    }
    await this.#wake();
    this.#output = life.output || this.#output;
    if (end === 'ended') this.#ended = { how: life.end ?? 'it created no consumer', output: life.output };
    if (end === 'stalled') this.#stalled = true;
    await life.kill();
    await ground.expel(group);
    return end !== 'ended' && end !== 'stalled';
  }

  /** Resolves when the service has handled everything, reached its crash point, ended by itself, or stood still for too long. */
  async #watch(life: Life, { crash, freeze, hold }: StepNow): Promise<End> {
    const { ground, group } = this.#service;
    const crashes = crash ? this.#told('crash').length : Number.POSITIVE_INFINITY;
    const { input } = this.#kind;
    const ends = await ground.log.ends(input ?? 'ride_details');
    let seen = '';
    let still = new Patience();
    let active = false;
    let started = false;
    for (; ; await sleep(20)) {
      if (this.#told('crash').length > crashes) {
        if (freeze) return 'frozen';
        await life.kill();
        return 'crashed';
      }
      if (hold && this.#told('held').length > 0) return 'held';
      if (!life.running || (input && life.consumers === 0))
        return this.#told('crash').length > crashes ? 'crashed' : 'ended'; // it may have crashed since the first look
      const committed = input ? await ground.log.committed(group, input) : new Map<number, number>();
      const now = JSON.stringify([[...committed], await this.#count()]);
      still.look();
      if (!life.ready) still = new Patience();
      if (seen && now !== seen) {
        still = new Patience();
        active = true;
      }
      seen = now;
      const done = input
        ? [...ends].every(([partition, end]) => (committed.get(partition) ?? 0) >= end)
        : life.served && this.#waiting() === 0;
      if (done) {
        await this.#quiet();
        return this.#told('crash').length > crashes ? 'crashed' : 'done';
      }
      if (!started && life.consumers !== null) {
        started = true;
        still = new Patience();
      }
      if (life.served && still.waited > patience.outbox) return 'done';
      if (still.waited > (started ? (active ? patience.later : patience.first) : patience.start))
        return 'stalled';
    }
  }

  /** The frozen process goes on with what it was doing, and then ends. */
  async #wake(how?: 'until it commits'): Promise<void> {
    const sleeper = this.#frozen;
    if (!sleeper) return;
    this.#frozen = null;
    const { output } = sleeper;
    const done = () => this.#told('commit').length + this.#told('ended').length;
    const before = done();
    const committed = this.#committed();
    sleeper.signal('SIGCONT');
    for (const woken = new Patience(); woken.look() < waking; await sleep(20))
      if (!sleeper.running || this.#committed() > committed) break;
      else if (!how && (done() > before || sleeper.output !== output)) break;
    await this.#quiet();
    await sleeper.kill();
  }

  /** Transactions that Kafka has committed. */
  #committed(): number {
    return this.#told('ended').filter(({ committed }) => committed).length;
  }

  /** Resolves when no more effects appear. */
  async #quiet() {
    for (let before = -1; ; await sleep(rest)) {
      const now = await this.#count();
      if (now === before) return;
      before = now;
    }
  }

  #count(): Promise<number> {
    return this.#kind.count(this.#db, this.#service.ground);
  }

  /** Records in the outbox. */
  #waiting(): number {
    return Number(this.#db.prepare('SELECT count(*) AS n FROM outbox').get()?.n);
  }

  #told<W extends Told['what']>(what: W) {
    return told(this.#journal, what);
  }

  readonly #idOf = (booking: Booking): string => {
    const id = `ride-${this.#run}-${booking.number}`;
    this.#numbers.set(id, booking.number);
    return id;
  };

  async judge(): Promise<Outcome> {
    const { ground, group } = this.#service;
    const { brokers } = ground;
    const { input } = this.#kind;
    const topics = new FactReader({ brokers, mails: null, stats: null, from: this.#from, waitMs: 0 });
    await topics.open();
    const read = await topics.look().finally(() => topics.close());
    const reader = input === 'ride_confirmed' ? 'email' : 'transaction';
    const facts: Facts = {
      ...read,
      ...(input && { committed: { ...read.committed, [reader]: await ground.log.committed(group, input) } }),
      ...this.#kind.facts(this.#db, read),
    };
    if (input === 'ride_confirmed') await ground.startAtEnd('transaction', 'ride_details');
    else await ground.settle();
    const letters = read.parked.transaction.letters.filter(
      ({ partition, offset }) => offset >= (this.#letters.get(partition) ?? 0),
    );
    const begun = new Map<string, number>();
    for (const { place } of this.#told('begun')) begun.set(place, (begun.get(place) ?? 0) + 1);
    return {
      scenario: this.#scenario,
      facts,
      report: conserve(facts, true),
      crashes: this.#told('crash'),
      begun,
      commits: this.#told('commit').length,
      transactionalIds: [...new Set(this.#told('transactional id').map(({ id }) => id))],
      remembered: this.#db
        .prepare('SELECT key FROM remembered')
        .all()
        .map(({ key }) => String(key)),
      outbox: this.#waiting(),
      letters,
      input,
      ends: await ground.log.ends(input ?? 'ride_details'),
      committed: facts.committed[reader],
      ended: this.#ended,
      stalled: this.#stalled,
      output: this.#output,
      numberOf: (identity) => this.#numbers.get(identity),
      requestsOf: (identity) => facts.requests.filter((request) => request.identity === identity),
    };
  }

  async clean(): Promise<void> {
    for (const life of this.#lives) await life.kill();
    this.#db.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

type StepNow = Omit<Step, 'hold'> & { hold?: boolean | undefined };
