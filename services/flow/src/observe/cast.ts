/** The processes, as their groups and their operations ports show them: names, colours, comings and goings. */
import type { FeedStatus } from '@rideflow/shared/feed.ts';
import type { Process } from '../protocol.ts';

/** How long a process that ended is still shown, in milliseconds, and how many of one service. */
const shown = 30_000;
const mostGone = 2;
const colours = 6;

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
    this.#answering.add(id);
    const process = this.#enter(id, service, now);
    Object.assign(process, { guarantee, pace, crashPoint });
    this.#look(now);
  }

  /** The operations port of a process does not answer any more. */
  silent(id: string, now: number): void {
    this.#answering.delete(id);
    this.#look(now);
  }

  retrying(id: string, retrying: Process['retrying']): void {
    const process = this.#processes.get(id);
    if (process) process.retrying = retrying;
  }

  /** Forgets who is gone for long, and what is tried no more. @returns whether there was any */
  tick(now: number): boolean {
    let changed = false;
    for (const [id, process] of this.#processes) {
      if (process.retrying && process.retrying.until < now - 2000) {
        process.retrying = null;
        changed = true;
      }
      if (process.state === 'gone' && now - process.since > shown) changed = this.#processes.delete(id);
    }
    return changed;
  }

  #enter(id: string, service: string, now: number): Process {
    const known = this.#processes.get(id);
    if (known && known.state !== 'gone') return known;
    const name = known?.name ?? this.#freeName(service);
    const process: Process = {
      id,
      service,
      name,
      state: 'silent',
      since: now,
      guarantee: null,
      pace: null,
      crashPoint: null,
      retrying: null,
      colour: known?.colour ?? this.#freeColour(),
    };
    this.#processes.set(id, process);
    return process;
  }

  #look(now: number) {
    for (const [id, process] of this.#processes) {
      const answers = this.#answering.has(id);
      const member = this.#members.get(process.service)?.has(id) ?? false;
      const halted = process.pace?.paused || process.pace?.step;
      const state = answers ? (halted ? 'paused' : 'alive') : member ? 'silent' : 'gone';
      if (state === process.state) continue;
      // A process that has just been met is not news; one that comes after others is.
      if (state === 'gone') this.#tell(process.service, 'error', `${process.name} is gone`);
      else if (state === 'silent' && process.state !== 'gone' && now - process.since > 2000)
        this.#tell(
          process.service,
          'warning',
          `${process.name} does not answer; Kafka waits for its heartbeat before others get its partitions`,
        );
      process.state = state;
      process.since = now;
      if (state === 'gone') {
        process.retrying = null;
        this.#forgetOldest(process.service);
      }
    }
  }

  #forgetOldest(service: string) {
    const gone = [...this.#processes.values()].filter(
      (one) => one.service === service && one.state === 'gone',
    );
    const oldest = gone.sort((a, b) => a.since - b.since)[0];
    if (oldest && gone.length > mostGone) this.#processes.delete(oldest.id);
  }

  #freeName(service: string): string {
    const taken = new Set([...this.#processes.values()].map(({ name }) => name));
    for (let n = 1; ; n++) if (!taken.has(`${service}-${n}`)) return `${service}-${n}`;
  }

  /** The colour that the fewest have. */
  #freeColour(): number {
    const used = Array<number>(colours).fill(0);
    for (const { colour, state } of this.#processes.values())
      if (state !== 'gone') used[colour] = (used[colour] ?? 0) + 1;
    return used.indexOf(Math.min(...used));
  }
}
