/** The processes, as their groups and their operations ports show them: names, colours, comings and goings. */
import type { FeedStatus } from '@rideflow/shared/feed.ts';
import { Recent } from '@rideflow/shared/recent.ts';
import type { Process } from '../protocol.ts';

/** How long a member of a group may take until its operations port answers, in milliseconds. */
const startup = 15_000;
/** How long a process that ended is still shown, in milliseconds, and how many of one service. */
const shown = 30_000;
const mostGone = 2;
/** Processes of a service that are met within this time, in milliseconds, were all there before. */
const introduction = 5000;
const colours = 6;
/** The colour of the first process of a service: those of a fresh start have the same ones each time, in whatever order they are met. */
const firstColour: Record<string, number> = { transaction: 0, analytics: 2, email: 4, rides: 5 };
/** Of processes that may come back under their name. */
const mostNames = 1000;

export interface Member {
  service: string;
  /** The same for all members of one process of ours; a foreign client is a process by itself. */
  process: string;
}

type Tell = (service: string, tone: 'ok' | 'warning' | 'error', text: string) => void;

export class Cast {
  readonly #processes = new Map<string, Process>();
  readonly #tell: Tell;
  /** Members of groups, and processes whose operations port answers, as last seen. */
  #members = new Map<string, Set<string>>();
  readonly #answering = new Set<string>();
  /** Those that have told something, ever. */
  readonly #heard = new Set<string>();
  /** By service: the guarantee that was told last. */
  readonly #guarantees = new Map<string, string>();
  /** By service, when its first process was met. */
  readonly #met = new Map<string, number>();
  /** By service, the number of its newest process. */
  readonly #numbers = new Map<string, number>();
  readonly #names = new Recent<string>(mostNames);

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  view(): Process[] {
    const order = ['rides', 'transaction', 'email', 'analytics'];
    return [...this.#processes.values()].sort(
      (a, b) =>
        order.indexOf(a.service) - order.indexOf(b.service) ||
        a.name.localeCompare(b.name, 'en', { numeric: true }),
    );
  }

  get(id: string | null): Process | undefined {
    return this.#processes.get(id ?? '');
  }

  nameOf(id: string | null): string {
    return this.get(id)?.name ?? 'nobody';
  }

  /** Who is in a group now. */
  members(service: string, ids: Set<string>, now: number): void {
    this.#members.set(service, ids);
    for (const id of ids) this.#enter(id, service, now);
    this.#look(now);
  }

  /** The operations port of a process says how it is. */
  status(status: FeedStatus, now: number): void {
    const { process: id, service, guarantee, pace, crashPoint } = status;
    this.#heard.add(id);
    const process = this.#enter(id, service, now);
    // What one that is frozen had told before may come after that.
    if (process.ended !== 'frozen') this.#answering.add(id);
    // It was only its connection that ended.
    if (process.ended === 'died') process.ended = null;
    const held = status.held.map(({ topic, partition, offset, where, until = null }) => {
      return { coordinates: `${topic}/${partition}/${offset}`, where, until };
    });
    this.#tellEndedHolds(process, held, now);
    const before = this.#guarantees.get(service);
    if (before !== undefined && before !== guarantee && pace)
      this.#tell(
        service,
        'warning',
        `its guarantee is now ${guarantee.replaceAll('-', ' ')}, and was ${before.replaceAll('-', ' ')}`,
      );
    this.#guarantees.set(service, guarantee);
    if (process.state === 'starting' && process.since > (this.#met.get(service) ?? now) + introduction)
      this.#tell(service, 'ok', `${process.name} has started`);
    if (!this.#met.has(service)) this.#met.set(service, now);
    Object.assign(process, { guarantee, pace, crashPoint, held });
    this.#look(now);
  }

  /** The operations port of a process does not answer any more. */
  silent(id: string, now: number): void {
    this.#answering.delete(id);
    // One that is frozen keeps its connections: it has ended.
    const process = this.#processes.get(id);
    if (process?.ended === 'frozen') Object.assign(process, { ended: 'killed', since: now });
    if (process?.ended === null && process.crashPoint) process.ended = 'died';
    this.#look(now);
  }

  /** Somebody asked for its end, so that is no surprise. */
  ending(id: string, ended: NonNullable<Process['ended']>, now = Date.now()): void {
    const process = this.#processes.get(id);
    if (!process || (process.ended !== null && process.ended !== 'frozen')) return;
    if (process.ended === 'frozen') {
      process.since = now;
      if (ended === 'killed')
        this.#tell(process.service, 'warning', `${process.name} was killed while it was frozen, as asked`);
    }
    process.ended = ended;
  }

  /** Somebody asked for the end of all: of those too that do not come to say so. */
  endingAll(): void {
    for (const id of this.#processes.keys()) this.ending(id, 'stopped');
  }

  /** It keeps its connections, and answers nothing until it goes on. */
  freeze(id: string, now: number): void {
    this.#answering.delete(id);
    this.ending(id, 'frozen');
    this.#look(now);
  }

  /** All that were frozen go on. */
  thaw(now: number): void {
    for (const [id, process] of this.#processes) {
      if (process.ended !== 'frozen') continue;
      process.ended = null;
      this.#answering.add(id);
      this.#tell(process.service, 'ok', `${process.name} was resumed, as asked`);
    }
    this.#look(now);
  }

  retrying(id: string, retrying: Process['retrying']): void {
    const process = this.#processes.get(id);
    if (process) process.retrying = retrying;
  }

  /** Forgets who is gone for long, and what is tried no more. @returns whether there was any */
  tick(now: number): boolean {
    let changed = this.#look(now);
    for (const [id, process] of this.#processes) {
      if (process.retrying && process.retrying.until < now - 2000) {
        process.retrying = null;
        changed = true;
      }
      if (process.state !== 'gone' || now - process.since <= shown) continue;
      this.#forget(id);
      changed = true;
    }
    return changed;
  }

  #enter(id: string, service: string, now: number): Process {
    const known = this.#processes.get(id);
    if (known && known.state !== 'gone') return known;
    const name = this.#nameFor(id, service);
    const process: Process = {
      id,
      service,
      name,
      state: 'starting',
      ended: null,
      since: now,
      guarantee: null,
      pace: null,
      held: [],
      crashPoint: null,
      retrying: null,
      colour: known?.colour ?? this.#freeColour(service, name),
    };
    this.#processes.set(id, process);
    return process;
  }

  /** @returns whether anything changed */
  #look(now: number): boolean {
    let changed = false;
    for (const process of this.#processes.values()) {
      const state = this.#stateOf(process, now);
      if (state === process.state) continue;
      const wasSilent = state === 'gone' && process.state === 'silent';
      const news = endingOf(process, state, this.#isMember(process));
      // Who was said to have been killed, or to have died, is not said to be gone as well.
      const isSaid = wasSilent && (process.ended === 'killed' || process.ended === 'died');
      if (news && !isSaid) this.#tell(process.service, news.tone, news.text);
      changed = true;
      // Its group notices its end only when the session times out.
      if (!wasSilent || process.ended === 'frozen') process.since = now;
      process.state = state;
      if (state === 'gone' || state === 'silent') process.held = [];
      if (state === 'gone') {
        process.retrying = null;
        this.#forgetOldest(process.service);
      }
    }
    return changed;
  }

  #stateOf({ id, service, state, ended, since, pace }: Process, now: number): Process['state'] {
    if (this.#answering.has(id)) return pace?.paused || pace?.step ? 'paused' : 'alive';
    if (!this.#isMember({ id, service }) && ended !== 'frozen') return 'gone';
    const isYoung = !this.#heard.has(id) && now - since < startup;
    return isYoung && state !== 'silent' ? 'starting' : 'silent';
  }

  #isMember({ id, service }: Pick<Process, 'id' | 'service'>): boolean {
    return this.#members.get(service)?.has(id) ?? false;
  }

  /** A hold that came to its time went on by itself: nobody asked for it, so it is said. */
  #tellEndedHolds({ name, service, held: before }: Process, held: Process['held'], now: number) {
    for (const { coordinates, until } of before) {
      if (until === null || until > now + 100 || held.some((one) => one.coordinates === coordinates))
        continue;
      const text = `${name} committed ${coordinates} by itself: it holds a transaction open for a limited time`;
      this.#tell(service, 'warning', text);
    }
  }

  #forget(id: string) {
    this.#heard.delete(id);
    this.#processes.delete(id);
  }

  #forgetOldest(service: string) {
    const gone = [...this.#processes.values()].filter(
      (one) => one.service === service && one.state === 'gone',
    );
    const oldest = gone.sort((a, b) => a.since - b.since)[0];
    if (oldest && gone.length > mostGone) this.#forget(oldest.id);
  }

  /** A number is never used again, so that what is told of a process is told of no other. One that comes back keeps its own. */
  #nameFor(id: string, service: string): string {
    const known = this.#names.get(id);
    if (known) return known;
    const number = (this.#numbers.get(service) ?? 0) + 1;
    const name = `${service}-${number}`;
    this.#numbers.set(service, number);
    this.#names.set(id, name);
    return name;
  }

  /** The one that its service and its number stand for, while nobody has it; else the colour that the fewest have. */
  #freeColour(service: string, name: string): number {
    const used = Array<number>(colours).fill(0);
    for (const { colour, state } of this.#processes.values())
      if (state !== 'gone') used[colour] = (used[colour] ?? 0) + 1;
    const own = ((firstColour[service] ?? 0) + Number(name.replace(/.*-/, '')) - 1) % colours;
    return used[own] === 0 ? own : used.indexOf(Math.min(...used));
  }
}

/** What is said when a process answers no more, or has left. */
function endingOf({ name, ended, crashPoint }: Process, state: Process['state'], isMember: boolean) {
  const asked =
    ended === 'died' ? `${name} died at ${placeOf(crashPoint)}, as armed` : `${name} was ${ended}, as asked`;
  if (state === 'silent' && ended !== 'stopped') {
    const said = ended ? asked : `${name} does not answer`;
    // True for as long as it is read: also when its partitions have gone.
    const text = isMember ? `${said}. Kafka keeps its partitions for it until its session times out` : said;
    return { tone: 'warning', text } as const;
  }
  if (state !== 'gone') return null;
  if (ended) return { tone: 'ok', text: asked } as const;
  return { tone: 'error', text: `${name} is gone, and nobody asked for it` } as const;
}

/** `after-produce:3` without the number of messages. */
const placeOf = (crashPoint: string | null) => crashPoint?.replace(/:\d+$/, '');
