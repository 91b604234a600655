/** Reads the live feeds of the services' operations ports, as Prometheus reads their metrics. */
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FeedEntry, FeedGap, FeedStatus } from '@rideflow/shared/feed.ts';
import { EventSource } from 'eventsource';

export interface Source {
  service: string;
  /** Base address of an operations port. A name that stands for several machines is read on each of them. */
  url: string;
}

export interface FeedHandlers {
  onStatus(status: FeedStatus, url: string): void;
  onEntries(process: string, entries: FeedEntry[]): void;
  /** Entries of a process are missing from here on. @param missed how many; null: unknown */
  onGap(process: string, missed: number | null): void;
  /** A process stops, as it was asked to. */
  onEnd(process: string): void;
  /** The feed of a process is away. */
  onSilent(process: string): void;
}

/** How often names are looked up, in milliseconds: a service may have been scaled. */
const lookUpEvery = 5000;
/** How soon one that was never there is tried again, in milliseconds: what it tells before it is heard is unknown for good. */
const tryAgainAfter = 250;
/** How long one that is read no more may go on, in milliseconds. */
const lastWords = 5000;

interface Feed {
  source: EventSource;
  process: string | null;
}

export class Feeds {
  readonly #handlers: FeedHandlers;
  readonly #open = new Map<string, Feed>();
  /** Where nobody answers yet. */
  readonly #awaited = new Set<string>();
  #sources: Source[] = [];
  #wanted = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(handlers: FeedHandlers) {
    this.#handlers = handlers;
    this.#timer = setInterval(() => void this.#look(), lookUpEvery).unref();
  }

  /** From now on these are read, and no others. */
  read(sources: Source[]): Promise<void> {
    this.#sources = sources;
    return this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#wanted.clear();
    for (const { source } of this.#open.values()) source.close();
    this.#open.clear();
  }

  async #look() {
    const found = await Promise.all(this.#sources.map(({ url }) => addressesOf(url)));
    const wanted = new Set(found.flat());
    this.#wanted = wanted;
    for (const url of wanted) if (!this.#open.has(url) && !this.#awaited.has(url)) this.#connect(url);
    // Who ends has often been taken from the list before its last words are read.
    for (const [url, feed] of this.#open)
      if (!wanted.has(url)) setTimeout(() => this.#leave(url, feed), lastWords).unref();
  }

  #leave(url: string, feed: Feed) {
    if (this.#wanted.has(url) || this.#open.get(url) !== feed) return;
    feed.source.close();
    this.#open.delete(url);
    if (feed.process) this.#handlers.onSilent(feed.process);
  }

  /** An EventSource for each try would take 5 % of a core where a service does not run; a plain connection takes next to nothing. */
  async #connectWhenThere(url: string) {
    if (this.#awaited.has(url)) return;
    this.#awaited.add(url);
    do await sleep(tryAgainAfter, null, { ref: false });
    while (this.#wanted.has(url) && !(await accepts(url)));
    this.#awaited.delete(url);
    if (this.#wanted.has(url) && !this.#open.has(url)) this.#connect(url);
  }

  #connect(url: string) {
    const source = new EventSource(`${url}/feed`);
    const feed: Feed = { source, process: null };
    let met = false;
    this.#open.set(url, feed);
    const silent = () => {
      if (feed.process) this.#handlers.onSilent(feed.process);
      feed.process = null;
    };
    source.addEventListener('status', ({ data }) => {
      const status = JSON.parse(data) as FeedStatus;
      if (feed.process !== status.process) silent();
      feed.process = status.process;
      met = true;
      this.#handlers.onStatus(status, url);
    });
    source.addEventListener('entries', ({ data }) => {
      if (feed.process) this.#handlers.onEntries(feed.process, JSON.parse(data) as FeedEntry[]);
    });
    source.addEventListener('gap', ({ data }) => {
      if (feed.process) this.#handlers.onGap(feed.process, (JSON.parse(data) as FeedGap).missed);
    });
    source.addEventListener('end', () => {
      if (feed.process) this.#handlers.onEnd(feed.process);
    });
    source.addEventListener('error', () => {
      silent();
      if (this.#open.get(url) !== feed) return;
      if (!this.#wanted.has(url)) this.#leave(url, feed);
      // After an answer that is no feed it does not try again by itself.
      else if (source.readyState === source.CLOSED) this.#open.delete(url);
      else if (!met) {
        source.close();
        this.#open.delete(url);
        void this.#connectWhenThere(url);
      }
    });
  }
}

/** Whether somebody accepts connections there. */
function accepts(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.setTimeout(1000, () => resolve(false));
  }).finally(() => socket.destroy());
}

/** Under compose a name stands for all containers of a service. */
async function addressesOf(url: string): Promise<string[]> {
  const { protocol, hostname, port } = new URL(url);
  if (hostname === 'localhost' || /^[\d.]+$|^\[/.test(hostname)) return [url];
  const found = await lookup(hostname, { all: true, family: 4 }).catch(() => []);
  return found.map(({ address }) => `${protocol}//${address}:${port}`);
}
