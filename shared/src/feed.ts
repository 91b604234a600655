/**
 * Streams what a process has just handled, as server-sent events: `GET /feed` on its operations port. It is for people and
 * tools. No service reads the feed of another.
 *
 *   event: status   `FeedStatus`, at connect and whenever it changes
 *   event: entries  `FeedEntry[]`, oldest first
 *   event: gap      `FeedGap`: entries are missing between the last event and the next
 *   event: end      `{}`: the process stops on request
 *
 * The id of an event is `<process>.<number of its last entry>`. A client that reconnects with `Last-Event-ID` gets the entries
 * that it missed, or a gap if they are no longer kept. Without clients, nothing is kept.
 */
import type { Socket } from 'node:net';
import type { Request, Response } from 'express';
import type { FeedEntry, FeedGap, FeedStatus } from './feed-events.ts';
import { eventStream } from './http/event-stream.ts';
import { Problem, sendProblem } from './http/problem.ts';
import { Ring } from './ring.ts';

export type { FeedEntry, FeedGap, FeedStatus } from './feed-events.ts';

/** Number of entries that are kept for slow or reconnecting clients. */
const kept = 4096;
/** The most entries in one event. A client that stops reading costs this process one such event, about 50 kB. */
const perEvent = 256;
/** The longest delay until an entry is sent, in milliseconds. */
const flushEvery = 50;
/** Interval between checks of the status, in milliseconds. */
const lookEvery = 1000;
/** After this time without an event, in milliseconds, a comment keeps the connection alive. */
const aliveEvery = 10_000;
/**
 * How long entries are kept after the last client has left, and how long a client may read nothing before it is disconnected.
 * In milliseconds.
 */
const patience = 10_000;
const mostListeners = 16;

/** The current time in milliseconds since 1970, with fractions. */
export const instant = () => performance.timeOrigin + performance.now();

interface Listener {
  response: Response;
  /** The number of the next entry to send. */
  next: number;
  /** The last status that was sent. */
  status: string;
  wroteAt: number;
}

export class Feed {
  /**
   * Whether there is a client, or was one a moment ago. Check this before adding entries: without clients, the feed costs this
   * comparison only.
   */
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

  /** Whether a client of the feed is at the other end of this connection. */
  writesTo(connection: Socket): boolean {
    return [...this.#listeners].some(({ response }) => response.socket === connection);
  }

  tell(entry: FeedEntry): void {
    if (!this.heard) return;
    this.#ring.add(entry);
    if (this.#listeners.size > 0) this.#flush ??= setTimeout(() => this.#sendAll(), flushEvery);
  }

  /** Sets the partition assignment of one consumer of this process. */
  owns(consumer: object, partitions: number[]): void {
    this.#partitions.set(consumer, partitions);
    this.changed();
  }

  /** Call this when the status may have changed. Clients then get it. */
  changed(): void {
    if (this.#listeners.size === 0) return;
    const status = this.#status();
    for (const listener of this.#listeners) this.#send(listener, status);
  }

  /** Answers `GET /feed`. */
  serve(request: Request, response: Response): void {
    if (this.#listeners.size >= mostListeners) {
      const detail = `The feed of this process already has ${mostListeners} clients, which is the maximum.`;
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

  /** Sends the remaining entries and ends all streams. */
  stop(): void {
    this.changed();
    for (const listener of this.#listeners) {
      this.#write(listener, 'end', {});
      listener.response.end();
    }
  }

  /** The number of the entry after this id; null if unknown. */
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

  /** Sends as much as the client accepts. The rest stays in the ring until it is full. */
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
