/**
 * Feeds the page: a snapshot first, then what changed, ten times a second at most. Each event has a number, and the latest are
 * kept, so that a browser that was away for a moment goes on without a gap. Nothing is done while nobody looks.
 */
import { randomBytes } from 'node:crypto';
import { eventStream } from '@rideflow/shared/http/event-stream.ts';
import { Problem, sendProblem } from '@rideflow/shared/http/problem.ts';
import type { Request, Response } from 'express';
import type { Observer } from './observe/observer.ts';
import type { Change, View } from './protocol.ts';

const frameEvery = 100;
/** Frames that are kept: a minute; and their characters, which take the memory while much is going on. */
const kept = 600;
const keptCharacters = 500_000;
/** So long after the last page left, frames are still made for its return, in milliseconds. */
const patience = 60_000;
/** Of each kind: students never take the teacher's place. */
const mostPages = { teacher: 50, student: 100 };
/** Pages of students from one address. */
const mostOfOne = 10;
/**
 * In milliseconds: how often a page that has heard nothing is told that the connection lives; and how long one may take nothing before it
 * is dropped. It connects again and gets a snapshot.
 */
const usual = { alive: 10_000, behind: 30_000 };

type Kind = keyof typeof mostPages;

interface Page {
  response: Response;
  kind: Kind;
  address: string | undefined;
  /** Since when it does not take what it is sent as fast as it comes: it gets a snapshot when it does again. */
  behind: number | null;
}

export class Journal {
  readonly #observer: Observer;
  readonly #id = randomBytes(4).toString('hex');
  readonly #pages = new Set<Page>();
  readonly #changed = new Set<keyof View>();
  #frames: { number: number; text: string }[] = [];
  #characters = 0;
  #number = 0;
  #frame: NodeJS.Timeout | null = null;
  #forget: NodeJS.Timeout | null = null;
  #watched = false;
  #told = { sample: 0, news: 0 };
  readonly #alive: NodeJS.Timeout;

  constructor(observer: Observer, times = usual) {
    this.#observer = observer;
    observer.onChange = (section) => this.#onChange(section);
    this.#alive = setInterval(() => {
      for (const { response, behind } of this.#pages) {
        if (behind === null) response.write(':\n\n');
        else if (Date.now() - behind > times.behind) response.destroy();
      }
    }, times.alive).unref();
  }

  /** Answers `GET /events`. */
  serve(request: Request, response: Response, kind: Kind = 'teacher'): void {
    const address = request.socket.remoteAddress;
    const others = [...this.#pages].filter((page) => page.kind === kind);
    const most = mostPages[kind];
    const here = others.filter((page) => page.address === address).length;
    if (others.length >= most || (kind === 'student' && here >= mostOfOne)) {
      const detail =
        others.length >= most
          ? `${most} pages look at this process already.`
          : `${mostOfOne} pages look at this process from your computer already.`;
      sendProblem(response, new Problem(503, detail));
      return;
    }
    response.writeHead(200, eventStream);
    response.write('retry: 1000\n\n');
    const page: Page = { response, kind, address, behind: null };
    const missed = this.#after(request.get('last-event-id'));
    if (missed) for (const { text } of missed) response.write(text);
    else this.#snapshot(page);
    this.#join(page);
  }

  /** How many pages of students are open. */
  get students(): number {
    return [...this.#pages].filter(({ kind }) => kind === 'student').length;
  }

  /** Tells every page that everything is about to start again, this process too. */
  sayReset(): void {
    for (const { response } of this.#pages) response.write('event: reset\ndata: {}\n\n');
  }

  stop(): void {
    clearInterval(this.#alive);
    if (this.#frame) clearTimeout(this.#frame);
    if (this.#forget) clearTimeout(this.#forget);
    for (const { response } of this.#pages) response.end();
  }

  #onChange(section: keyof View) {
    this.#changed.add(section);
    if (this.#watched) this.#frame ??= setTimeout(() => this.#send(), frameEvery);
  }

  /** The frames after the one with this id; null where they are not all there. */
  #after(id = '') {
    const [process, number] = id.split('.');
    const next = Number(number) + 1;
    if (process !== this.#id || !this.#watched) return null;
    if (next === this.#number + 1) return [];
    return this.#frames[0] && this.#frames[0].number <= next && next <= this.#number
      ? this.#frames.filter((frame) => frame.number >= next)
      : null;
  }

  #join(page: Page) {
    const { response } = page;
    this.#pages.add(page);
    this.#watched = true;
    if (this.#forget) clearTimeout(this.#forget);
    response.on('drain', () => {
      if (page.behind !== null) this.#snapshot(page);
      page.behind = null;
    });
    response.on('close', () => {
      this.#pages.delete(page);
      if (this.#pages.size > 0) return;
      this.#forget = setTimeout(() => {
        this.#watched = false;
        this.#frames = [];
        this.#characters = 0;
      }, patience).unref();
    });
  }

  #snapshot({ response }: Page) {
    response.write(this.#event('snapshot', this.#observer.view()));
  }

  #send() {
    this.#frame = null;
    const change: Change = {};
    for (const section of this.#changed) Object.assign(change, { [section]: this.#section(section) });
    this.#changed.clear();
    this.#number++;
    const text = this.#event('change', change);
    this.#frames.push({ number: this.#number, text });
    this.#characters += text.length;
    while (this.#frames.length > kept || this.#characters > keptCharacters)
      this.#characters -= this.#frames.shift()?.text.length ?? 0;
    for (const page of this.#pages) {
      if (page.response.writableNeedDrain) page.behind ??= Date.now();
      else page.response.write(text);
    }
  }

  #section(name: keyof View) {
    if (name === 'samples') {
      const fresh = this.#observer.change('samples').filter(({ at }) => at > this.#told.sample);
      this.#told.sample = fresh.at(-1)?.at ?? this.#told.sample;
      return fresh;
    }
    if (name === 'news') {
      const fresh = this.#observer.change('news').filter(({ number }) => number > this.#told.news);
      this.#told.news = fresh[0]?.number ?? this.#told.news;
      return fresh;
    }
    return this.#observer.change(name);
  }

  #event(event: string, data: object) {
    return `id: ${this.#id}.${this.#number}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}
