/**
 * What a process has just handled, told to whoever watches: `GET /feed` of its operations port, server-sent events. It is for
 * eyes and tools; no service reads the feed of another.
 *
 *   event: status   `FeedStatus`, at connect and whenever it changes
 *   event: entries  `FeedEntry[]`, oldest first
 *   event: gap      `FeedGap`: what follows does not join what came before
 *   event: end      `{}`: the process stops, as it was asked to
 *
 * An event's id is `<process>.<number of its last entry>`. A listener that reconnects with `Last-Event-ID` gets what it missed,
 * or a gap where that is no longer known. While nobody listens, nothing is kept.
 */
import type { Request, Response } from 'express';
import type { FeedEntry, FeedGap, FeedStatus } from './feed-events.ts';
import { eventStream } from './http/event-stream.ts';
import { Problem, sendProblem } from './http/problem.ts';
import { Ring } from './ring.ts';

export type { FeedEntry, FeedGap, FeedStatus } from './feed-events.ts';

/** Entries that are kept for listeners that are slow or reconnect. */
const kept = 4096;
/** Entries of one event: a listener that stops reading costs this process one such event, about 50 kB. */
const perEvent = 256;
/** Milliseconds from an entry until it is sent, at most. */
const flushEvery = 50;
/** Milliseconds from one look at the status to the next. */
const lookEvery = 1000;
/** Milliseconds without an event, after which a comment tells a listener that the line is alive. */
const aliveEvery = 10_000;
/** Milliseconds for which entries are kept after the last listener left, and after which one that reads nothing is cut off. */
const patience = 10_000;
const mostListeners = 16;

/** Now, in milliseconds since 1970, with fractions. */
export const instant = () => performance.timeOrigin + performance.now();

interface Listener {
  response: Response;
  /** The number of the first entry that it was not sent. */
  next: number;
  /** The last status that it was sent. */
  status: string;
  wroteAt: number;
}

export class Feed {
  /** Somebody listens, or did a moment ago. Whoever tells asks first: without listeners the feed costs this comparison. */
  heard = false;
  readonly #process: string;
  readonly #describe: () => Omit<FeedStatus, 'process' | 'partitions'>;
  readonly #listeners = new Set<Listener>();
  readonly #partitions = new Map<object, number[]>();
  readonly #ring = new Ring<FeedEntry>(kept);
  #flush: NodeJS.Timeout | null = null;
  #look: NodeJS.Timeout | null = null;
  #forget: NodeJS.Timeout | null = null;

  constructor(process: string, describe: () => Omit<FeedStatus, 'process' | 'partitions'>) {
    this.#process = process;
    this.#describe = describe;
  }

  get listeners() {
    return this.#listeners.size;
  }

  tell(entry: FeedEntry): void {
    if (!this.heard) return;
    this.#ring.add(entry);
    if (this.#listeners.size > 0) this.#flush ??= setTimeout(() => this.#sendAll(), flushEvery);
  }

  /** The partitions that one consumer of this process has from now on. */
  owns(consumer: object, partitions: number[]): void {
    this.#partitions.set(consumer, partitions);
    this.changed();
  }

  /** The status may have changed: those who listen are told. */
  changed(): void {
    if (this.#listeners.size === 0) return;
    const status = this.#status();
    for (const listener of this.#listeners) this.#send(listener, status);
  }

  /** Answers `GET /feed`. */
  serve(request: Request, response: Response): void {
    if (this.#listeners.size >= mostListeners) {
      const detail = `The feed of this process has ${mostListeners} listeners already, and takes no more.`;
      return void sendProblem(response, new Problem(503, detail));
    }
    response.writeHead(200, eventStream);
    if (request.method === 'HEAD') return void response.end();
    response.write('retry: 1000\n\n');
    const last = request.get('last-event-id');
    const next = last === undefined ? this.#ring.next : this.#after(last);
    const listener: Listener = { response, next: next ?? this.#ring.next, status: '', wroteAt: Date.now() };
    this.#join(listener);
    if (next === null) this.#write(listener, 'gap', { missed: null } satisfies FeedGap);
    this.#send(listener, this.#status());
  }

  /** Sends what there is and ends all streams. */
  stop(): void {
    this.changed();
    for (const listener of this.#listeners) {
      this.#write(listener, 'end', {});
      listener.response.end();
    }
  }

  /** The number of the entry after this id; null where it is not known which one that is. */
  #after(id: string): number | null {
    const [process, number] = [id.slice(0, id.lastIndexOf('.')), id.slice(id.lastIndexOf('.') + 1)];
    const next = Number(number) + 1;
    return process === this.#process && next >= this.#ring.oldest && next <= this.#ring.next ? next : null;
  }

  #join(listener: Listener) {
    this.#listeners.add(listener);
    this.heard = true;
    if (this.#forget) clearTimeout(this.#forget);
    this.#forget = null;
    this.#look ??= setInterval(() => this.#lookAfterAll(), lookEvery).unref();
    listener.response.on('drain', () => this.#send(listener, listener.status));
    listener.response.on('close', () => this.#leave(listener));
  }

  #leave(listener: Listener) {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    if (this.#look) clearInterval(this.#look);
    this.#look = null;
    this.#forget = setTimeout(() => {
      this.heard = false;
      this.#ring.forget();
    }, patience).unref();
  }

  #lookAfterAll() {
    this.changed();
    for (const { response, wroteAt } of this.#listeners) {
      const silentFor = Date.now() - wroteAt;
      if (response.writableNeedDrain && silentFor > patience) response.destroy();
      else if (!response.writableNeedDrain && silentFor > aliveEvery) response.write(':\n\n');
    }
  }

  #sendAll() {
    this.#flush = null;
    for (const listener of this.#listeners) this.#send(listener, listener.status);
  }

  /** As much as the listener takes. What it does not take stays in the ring, until that is full. */
  #send(listener: Listener, status: string) {
    const { response } = listener;
    if (status !== listener.status && !response.writableNeedDrain) {
      listener.status = status;
      this.#write(listener, 'status', status);
    }
    while (listener.next < this.#ring.next && !response.writableNeedDrain) {
      const missed = this.#ring.oldest - listener.next;
      if (missed > 0) {
        listener.next = this.#ring.oldest;
        this.#write(listener, 'gap', { missed } satisfies FeedGap);
      }
      const entries = this.#ring.from(listener.next, perEvent);
      listener.next += entries.length;
      this.#write(listener, 'entries', entries);
    }
  }

  #write(listener: Listener, event: 'status' | 'entries' | 'gap' | 'end', data: string | object) {
    listener.wroteAt = Date.now();
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    listener.response.write(`id: ${this.#process}.${listener.next - 1}\nevent: ${event}\ndata: ${text}\n\n`);
  }

  #status(): string {
    const partitions = [...this.#partitions.values()].flat().sort((a, b) => a - b);
    return JSON.stringify({ ...this.#describe(), process: this.#process, partitions } satisfies FeedStatus);
  }
}
