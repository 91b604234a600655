/** Watches the whole system and keeps what is known of it: from the topics, from the groups, from the services' live feeds. */
import type { FeedEntry, FeedStatus } from '@rideflow/shared/feed.ts';
import { openGroups } from '@rideflow/shared/kafka/observing/groups.ts';
import { type Bounds, type Fetched, type WatchState, watch } from '@rideflow/shared/kafka/watch.ts';
import { mailIdentity } from '@rideflow/shared/mail-identity.ts';
import { Recent as Bounded } from '@rideflow/shared/recent.ts';
import type { Service } from '@rideflow/shared/service.ts';
import { topics } from '@rideflow/shared/topics.ts';
import { allTopics, deadLetterTopic, type ReaderName } from '@rideflow/shared/topology.ts';
import { placeOf } from '../coordinates.ts';
import type { BrokerState, News, Totals, View, Violation } from '../protocol.ts';
import { brokerNews, brokerState } from './broker-state.ts';
import { Cast } from './cast.ts';
import { Feeds, type Source } from './feeds.ts';
import { fencing } from './fenced.ts';
import type { Glance } from './glance.ts';
import { type Ended, Lane, type Marker } from './lane.ts';
import { Ledger } from './ledger.ts';
import { type Decided, Mails } from './mails.ts';
import { Numbers } from './numbers.ts';
import { Order } from './order.ts';
import { Poll } from './poll.ts';
import { Readers, readerNames } from './readers.ts';
import { isFor, Recent } from './recent.ts';
import { watched } from './watched.ts';

/** Transaction markers: more than all lanes can draw. */
const keptMarkers = 2000;
const keptNews = 200;
/** Single rides that are told of in one second: what happens to thousands would leave no room for anything else. */
const mostTold = 5;
const listedViolations = 50;

export interface ObserverOptions {
  /** Requests per partition that are counted at a start; of the decisions four times as many offsets are read. */
  history: number;
  /** Messages that can be looked at. */
  recent: number;
  /** The address of MailDev. */
  mailbox: string;
}

export class Observer {
  readonly recent: Recent;
  readonly cast: Cast;
  readonly numbers = new Numbers();
  readonly mails: Mails;
  /** Transaction markers by their coordinates; the latest. */
  readonly markers: Bounded<Marker>;
  readonly #service: Service;
  readonly #options: ObserverOptions;
  readonly #groups;
  readonly #feeds: Feeds;
  readonly #urls = new Map<string, string>();
  readonly #stops: (() => unknown)[] = [];
  #readers: Readers;
  #ledger: Ledger;
  #order = new Order();
  /** What was written before is history, and belongs to no second that is shown. */
  readonly #startedAt = Date.now();
  #lanes = new Map<string, Lane>();
  #broker: BrokerState = { up: false, since: Date.now(), brokers: 0, asked: false };
  /** Somebody has asked for the end of Kafka, and it has not come back since. */
  #brokerAsked = false;
  #news: News[] = [];
  /** As the page was told last. */
  #violations: Violation[] = [];
  #told = 0;
  #complete = true;
  #begun = new Set<string>();
  /** Partitions of which not everything is read that was there when they were fetched last. */
  readonly #behind = new Set<string>();
  #poll: Poll | null = null;
  #mailPoll: Poll | null = null;
  readonly #sections: { [N in keyof View]: () => View[N] } = {
    broker: () => this.#broker,
    lanes: () => this.lanes().map((lane) => lane.view()),
    groups: () => this.#readers.view((topic, partition) => this.#ends(topic, partition)),
    processes: () => this.cast.view(),
    totals: () => this.totals(),
    violations: () =>
      [...this.#ledger.violations, ...this.#order.violations]
        .sort((a, b) => b.at - a.at)
        .slice(0, listedViolations),
    news: () => this.#news,
    samples: () => this.numbers.samples,
  };
  /** Called when a process is heard that was not heard just before. */
  onProcess: (service: string, process: { name: string; url: string }) => void = () => {};
  /** Called when a section of the view has changed, with the lanes that did. */
  onChange: (section: keyof View) => void = () => {};

  constructor(service: Service, options: ObserverOptions) {
    this.#service = service;
    this.#options = options;
    this.recent = new Recent(options.recent);
    this.markers = new Bounded(keptMarkers);
    this.mails = new Mails(options.mailbox, options.recent);
    this.cast = new Cast((about, tone, text) => this.tell(about, tone, text));
    this.#readers = this.#newReaders();
    this.#ledger = this.#newLedger();
    this.#groups = openGroups(service);
    this.#feeds = new Feeds({
      onStatus: (status, url) => this.#onStatus(status, url),
      onEntries: (process, entries) => this.#onEntries(process, entries),
      onGap: (process, missed) => this.#onGap(process, missed),
      onEnd: (process) => this.cast.ending(process, 'stopped'),
      onSilent: (process) => {
        this.cast.silent(process, Date.now());
        this.#urls.delete(process);
        this.#poll?.moved();
        this.onChange('processes');
      },
    });
  }

  async start(sources: Source[]): Promise<void> {
    const watching = watch(this.#service, {
      topics: allTopics(),
      isolation: 'uncommitted',
      begin: (partitions) => partitions.map((place) => this.#begin(place)),
      onRecords: (fetched) => this.#onRecords(fetched),
      onState: (state) => this.#onBroker(state),
    });
    const ticking = setInterval(() => this.#tick(), 1000);
    this.#poll = new Poll(() => this.#askGroups());
    this.#mailPoll = new Poll(() => this.#askMailbox());
    this.#stops.push(
      () => watching.stop(),
      () => clearInterval(ticking),
      () => this.#poll?.stop(),
      () => this.#mailPoll?.stop(),
      () => void this.#groups.stop(), // it only asks, so nothing is waited for
      () => this.#feeds.stop(),
    );
    await this.#feeds.read(sources);
  }

  /** From now on these operations ports are read. */
  read(sources: Source[]): void {
    void this.#feeds.read(sources);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }

  /** The place that the readers of a service have committed in a partition of their topic. */
  committed(name: ReaderName, partition: number): number {
    return this.#readers.committed(name, partition);
  }

  /** What is known of the request at this place, of which nothing has become; null: something has, or it waits. */
  fateOf(partition: number, offset: number) {
    return this.#ledger.fateOf(partition, offset);
  }

  /** Whether Kafka deleted the request at this place before it was decided. */
  expired(partition: number, offset: number): boolean {
    return this.#ledger.isExpired(partition, offset);
  }

  /** By which ride the request at these coordinates was overtaken. */
  overtaken(coordinates: string) {
    return this.#order.of(coordinates);
  }

  /** Whether a process of this service is heard: where none is, what it does is unknown. */
  heard(service: string): boolean {
    return this.cast.view().some((process) => process.service === service && this.#urls.has(process.id));
  }

  /** The processes that answer, with their operations ports. */
  processes(service: string) {
    return this.cast.view().flatMap(({ id, name, ...process }) => {
      const url = this.#urls.get(id);
      return process.service === service && url ? [{ id, name, url }] : [];
    });
  }

  /** Somebody has frozen this process. */
  frozen(id: string): void {
    this.cast.freeze(id, Date.now());
    this.onChange('processes');
  }

  /** All that were frozen go on. */
  thawed(): void {
    this.cast.thaw(Date.now());
    this.onChange('processes');
  }

  /** Somebody asks for the end of Kafka, so that is no surprise; false: nobody does any more. */
  brokerEnding(asked: boolean): void {
    this.#brokerAsked = asked;
  }

  tell(about: string, tone: News['tone'], text: string, of?: News['of']): void {
    const number = (this.#news[0]?.number ?? 0) + 1;
    this.#news = [{ number, at: Date.now(), about, tone, text, ...(of && { of }) }, ...this.#news].slice(
      0,
      keptNews,
    );
    this.onChange('news');
  }

  /** In the order of a ride's way. */
  lanes(): Lane[] {
    const order = allTopics();
    return [...this.#lanes.values()].sort(
      (a, b) => order.indexOf(a.topic) - order.indexOf(b.topic) || a.partition - b.partition,
    );
  }

  totals(): Totals {
    const repeated = this.mails.tally?.repeated ?? null;
    const beyond = this.mails.beyond(Date.now(), (ride, key) => this.#decided(ride, key));
    return {
      ...this.#ledger.totals,
      overtaken: this.#order.count,
      // Not the number of mails in the mailbox: it may have been emptied, or have more than is counted here.
      mailed: this.#readers.done('email') + (repeated === null ? 0 : beyond),
      repeated,
      counted: this.#readers.done('analytics'),
      complete: this.#complete,
    };
  }

  /** The decisions that a mail can come from; undefined where none is known. */
  #decided(ride: string, key: string): Decided | undefined {
    const decisions = this.recent
      .ofRide(ride)
      .filter(
        (message) =>
          message.glance.topic === topics.ride_confirmed.name &&
          isFor(message, 'email') &&
          mailIdentity(message.glance.identity) === key,
      );
    if (decisions.length === 0) return undefined;
    const committed = decisions.filter(
      ({ glance: { partition, offset } }) => this.committed('email', partition) > offset,
    );
    return { all: decisions.length, committed: committed.length };
  }

  /** Everything, as it is now. */
  view(): View {
    const make = this.#sections;
    return {
      broker: make.broker(),
      lanes: make.lanes(),
      groups: make.groups(),
      processes: make.processes(),
      totals: make.totals(),
      violations: make.violations(),
      news: make.news(),
      samples: make.samples(),
    };
  }

  /** A part of it; of the lanes, what changed since it was asked for the last time. */
  change<K extends keyof View>(name: K): View[K] {
    if (name === 'lanes') return this.lanes().flatMap((lane) => lane.change() ?? []) as View[K];
    return this.#sections[name]();
  }

  #newLedger() {
    return new Ledger(
      (coordinates) => this.recent.at(coordinates)?.glance.ride ?? null,
      (partition, offset, fate) => {
        const lane = this.#lanes.get(`ride_details/${partition}`);
        lane?.setFate(offset, fate);
        if (lane?.changed) this.onChange('lanes');
      },
    );
  }

  #newReaders() {
    return new Readers(this.cast, (about, tone, text) => this.tell(about, tone, text));
  }

  #begin({ topic, start, end }: Bounds) {
    const last = (topic === 'ride_details' ? 1 : 4) * this.#options.history;
    return Math.max(start, end - last);
  }

  #onRecords(fetched: Fetched) {
    const { topic, partition, start } = fetched;
    const lane = this.#lane(topic, partition);
    const [first] = fetched.records;
    if (first && !this.#begun.has(`${topic}/${partition}`)) {
      this.#begun.add(`${topic}/${partition}`);
      if (Number(first.offset) > start && topic === 'ride_details') this.#complete = false;
    }
    if (first) this.#poll?.moved();
    if (topic === 'ride_details') this.#ledger.requestsKept(partition, start);
    if (topic === 'ride_confirmed') this.#ledger.decisionsKept(partition, start);
    lane.take(
      watched(fetched),
      (glance, record) => void this.recent.add(glance, record),
      (ended) => this.#onEnd(ended),
      (marker) => void this.markers.set(marker.coordinates, marker),
    );
    const place = `${topic}/${partition}`;
    if (Number(fetched.next) < fetched.end) this.#behind.add(place);
    else this.#behind.delete(place);
    if (lane.changed) this.onChange('lanes');
    if (!first) return;
    this.onChange('totals');
    this.onChange('groups');
  }

  /** A record counts from now on, or never will. */
  #onEnd({ glance, state, at }: Ended) {
    this.recent.end(glance, state, at);
    if (state === 'aborted' || glance.settles) return;
    const { topic, partition, offset } = glance;
    if (topic === 'ride_details') {
      this.#readers.message(topic, partition, offset, glance.replayFor);
      this.#ledger.request(glance);
      if (glance.timestamp >= this.#startedAt) this.numbers.ride();
    } else if (topic === 'ride_confirmed') {
      this.#readers.message(topic, partition, offset, glance.replayFor);
      this.#ledger.decision(glance);
      if (!glance.replayFor) this.#onDecision(glance);
      if (glance.requestedAt !== null && !glance.replayFor && at >= this.#startedAt)
        this.numbers.decided(at - glance.requestedAt);
    } else this.#onDeadLetter(glance);
  }

  #onDecision(glance: Glance) {
    const before = this.#order.count;
    const at = (coordinates: string) => this.recent.at(coordinates)?.glance;
    this.#order.decision(glance, at(glance.cause ?? ''), (coordinates) => at(coordinates)?.ride ?? null);
    if (this.#order.count > before) this.onChange('violations');
  }

  #onDeadLetter(glance: Glance) {
    const reader = readerNames.find((name) => deadLetterTopic(name) === glance.topic);
    if (!reader || !glance.parkedFrom) return;
    if (reader === 'transaction') this.#ledger.deadLetter(glance);
    this.#readers.parked(reader, glance.parkedFrom);
    const coordinates = `${glance.topic}/${glance.partition}/${glance.offset}`;
    if (glance.timestamp >= this.#startedAt)
      this.#tellOfRide(reader, 'warning', `${glance.parkedFrom} is a dead letter`, {
        coordinates,
        ride: this.recent.at(glance.parkedFrom)?.glance.ride ?? null,
      });
    const from = placeOf(glance.parkedFrom);
    if (!from || !allTopics().includes(from.topic)) return;
    this.#lane(from.topic, from.partition).park(from.offset, coordinates);
  }

  #onBroker({ up, brokers, refused, restarted, reason }: WatchState) {
    if (refused) return; // a broker that answers is not away; it is asked again
    if (restarted) this.#forget();
    const before = this.#broker;
    this.#broker = brokerState(before, { up, brokers }, Date.now(), this.#brokerAsked);
    const news = brokerNews(before, this.#broker, reason);
    if (news) this.tell('kafka', news.tone, news.text);
    if (!before.up && up) this.#brokerAsked = false;
    if (!up) this.#readers.unknown();
    this.onChange('broker');
  }

  /** The topics are new ones. */
  #forget() {
    this.#lanes = new Map();
    this.#readers = this.#newReaders();
    this.#ledger = this.#newLedger();
    this.#order = new Order();
    this.#begun.clear();
    this.#complete = true;
    this.mails.forget();
    this.tell('kafka', 'warning', 'the topics were made anew; counting begins again');
    for (const section of ['lanes', 'groups', 'totals', 'violations'] as const) this.onChange(section);
  }

  async #askMailbox() {
    if (!(await this.mails.ask())) return;
    this.#mailPoll?.moved();
    this.onChange('totals');
  }

  async #askGroups() {
    if (!this.#broker.up) return;
    try {
      const groups = await this.#groups.see(this.#readers.wanted);
      const partitions = (topic: string) => this.lanes().filter((lane) => lane.topic === topic).length;
      const changed = this.#readers.take(groups, partitions, Date.now());
      this.#judge(Date.now());
      if (!changed) return;
      this.#poll?.moved();
      this.#mailPoll?.moved();
      for (const section of ['groups', 'processes', 'totals'] as const) this.onChange(section);
    } catch (error) {
      this.#service.log.debug({ err: error }, 'the groups cannot be seen');
    }
  }

  #onGap(process: string, missed: number | null) {
    const { service, name } = this.cast.get(process) ?? {};
    if (!service) return;
    const entries = missed === null ? 'some entries' : missed === 1 ? '1 entry' : `${missed} entries`;
    this.tell(
      service,
      'warning',
      `the feed of ${name} has a gap: ${entries} did not arrive. What it did with those messages is known from the topics and offsets alone`,
    );
  }

  #onStatus(status: FeedStatus, url: string) {
    const isNew = !this.#urls.has(status.process);
    this.#urls.set(status.process, url);
    this.cast.status(status, Date.now());
    if (isNew) this.onProcess(status.service, { name: this.cast.nameOf(status.process), url });
    this.#poll?.moved();
    this.onChange('processes');
  }

  #onEntries(process: string, entries: FeedEntry[]) {
    const { service = '', name: by = '', guarantee = null } = this.cast.get(process) ?? {};
    for (const entry of entries) {
      this.recent.tell(entry, service, by, guarantee);
      if (entry.what === 'retry') {
        this.numbers.retry();
        const { topic, partition, offset, attempt, reason = '', error, until = entry.at } = entry;
        const coordinates = `${topic}/${partition}/${offset}`;
        const refusal = fencing(error);
        if (refusal) {
          const text = `Kafka refused the transaction of ${by} (${refusal}). It is fenced: it can commit nothing more with that transaction`;
          const ride = this.recent.at(coordinates)?.glance.ride ?? null;
          this.#tellOfRide(service, 'warning', text, { coordinates, ride });
          continue;
        }
        this.cast.retrying(process, { coordinates, attempt, reason, until });
        this.onChange('processes');
      }
    }
  }

  #tick() {
    const now = Date.now();
    if (this.cast.tick(now)) this.onChange('processes');
    this.#judge(now);
    this.#told = 0;
    if (this.#violations !== this.#ledger.violations) {
      this.#tellViolations(this.#violations, this.#ledger.violations);
      this.#violations = this.#ledger.violations;
      this.onChange('totals');
      this.onChange('violations');
    }
    const groups = this.#sections.groups();
    const lag = Object.fromEntries(
      groups.map(({ name, partitions }) => [name, partitions.reduce((sum, { lag }) => sum + lag, 0)]),
    );
    this.numbers.sample(now, lag, this.#readers.rebalances());
    this.onChange('samples');
  }

  /** Tells of what is new in the list, oldest first. */
  #tellViolations(before: Violation[], now: Violation[]) {
    const known = new Set(before.map(({ what, coordinates, at }) => `${what} ${coordinates} ${at}`));
    const fresh = now.filter(({ what, coordinates, at }) => !known.has(`${what} ${coordinates} ${at}`));
    for (const { text, coordinates, ride } of fresh.reverse())
      this.#tellOfRide('transaction', 'error', text, { coordinates, ride });
  }

  #tellOfRide(about: string, tone: News['tone'], text: string, of: NonNullable<News['of']>) {
    if (this.#told++ < mostTold) this.tell(about, tone, text, of);
    else if (this.#told === mostTold + 1)
      this.tell(about, tone, 'and more of this kind in the same second', of);
  }

  #judge(now: number) {
    if (!this.#broker.up) return;
    this.#ledger.judge(
      now,
      (partition) => this.#readers.abandoned('transaction', partition, now),
      (partition) => (this.#isRead(partition) ? this.committed('transaction', partition) : 0),
    );
  }

  /** Whether everything is read that can have become of the requests of a partition. */
  #isRead(partition: number): boolean {
    return [topics.ride_confirmed.name, deadLetterTopic('transaction')].every(
      (topic) => this.#lanes.has(`${topic}/${partition}`) && !this.#behind.has(`${topic}/${partition}`),
    );
  }

  #ends(topic: string, partition: number) {
    const { start, end } = this.#lanes.get(`${topic}/${partition}`)?.view() ?? { start: 0, end: 0 };
    return { start, end };
  }

  #lane(topic: string, partition: number): Lane {
    const place = `${topic}/${partition}`;
    let lane = this.#lanes.get(place);
    if (!lane) {
      const { ride_details, ride_confirmed } = topics;
      const kind =
        topic === ride_details.name
          ? 'requests'
          : topic === ride_confirmed.name
            ? 'decisions'
            : 'dead letters';
      lane = new Lane(topic, partition, kind);
      this.#lanes.set(place, lane);
    }
    return lane;
  }
}
