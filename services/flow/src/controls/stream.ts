/** A steady stream of rides, until it is stopped or ten minutes have passed. */
import type { Controls } from '../protocol.ts';

export type Stream = NonNullable<Controls['stream']>;

/** Books so many rides at once and says how many were taken. @throws Error why none was */
export type Book = (count: number, keys: boolean) => Promise<number>;

/** Between two bookings, in milliseconds. */
const tick = 50;
/** Above this rate, several rides go in one request. */
const singly = 1000 / tick;
const longest = 10 * 60_000;
/** So many bookings may wait for an answer; more would only pile up in front of a service that does not keep up. */
const mostUnderWay = 20;
/** What could not be sent within this many seconds is given up, so that a pause is not followed by a flood. */
const mostBehind = 1;

export class Streamer {
  readonly #book: Book;
  #stream: Stream | null = null;
  #timer: NodeJS.Timeout | undefined;
  #ends = 0;
  #last = 0;
  /** Rides that are due, with fractions. */
  #due = 0;
  #underWay = 0;

  constructor(book: Book) {
    this.#book = book;
  }

  get stream(): Stream | null {
    return this.#stream;
  }

  /** Starts, or changes the rate of what runs; with or without keys is another stream. @param rate per second */
  start(rate: number, keys: boolean): void {
    if (this.#stream?.keys === keys) this.#stream.rate = rate;
    else this.#stream = { rate, keys, booked: 0, trouble: null };
    this.#ends = performance.now() + longest;
    if (this.#timer) return;
    this.#last = performance.now();
    this.#due = 1; // the first one goes at once
    this.#timer = setInterval(() => this.#tick(), tick);
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stream = null;
  }

  #tick() {
    const stream = this.#stream;
    const now = performance.now();
    if (!stream || now > this.#ends) return this.stop();
    const rate = stream.rate;
    this.#due = Math.min(this.#due + ((now - this.#last) / 1000) * rate, Math.max(1, rate * mostBehind));
    this.#last = now;
    const most = rate > singly ? 500 : 1;
    while (this.#due >= 1 && this.#underWay < mostUnderWay) {
      const count = Math.min(Math.floor(this.#due), most);
      this.#due -= count;
      void this.#send(stream, count);
    }
  }

  async #send(stream: Stream, count: number) {
    this.#underWay++;
    try {
      const booked = await this.#book(count, stream.keys);
      stream.booked += booked;
      stream.trouble = booked < count ? `${count - booked} of ${count} rides were not taken.` : null;
    } catch (error) {
      stream.trouble = (error as Error).message;
    } finally {
      this.#underWay--;
    }
  }
}
