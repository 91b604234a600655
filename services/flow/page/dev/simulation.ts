/** A made-up system for the development of the page: produces a plausible view and its changes. Not part of the product. */
import type { Change, Controls, Group, Lane, Mark, News, Process, View } from '../../src/protocol.ts';

export interface Scenario {
  rate: number;
  partitions: number;
  transactions: number;
  /** Milliseconds that a transaction stays open. */
  open: number;
  /** Messages per second that one reader can do. */
  pace: number;
  abort?: boolean;
  dead?: boolean;
  rebalance?: boolean;
  away?: boolean;
  lost?: boolean;
  backlog?: number;
  controls?: Controls['processes'] | 'off';
}

interface Open {
  partition: number;
  offsets: number[];
  inputTo: number;
  at: number;
}

const kept = 64;
const chance = (share: number) => Math.random() < share;

export class Simulation {
  readonly view: View;
  private readonly scenario: Scenario;
  private readonly opened: Open[] = [];
  private touched = new Set<Lane>();
  private owed = 0;
  private age = 0;
  private second = { rides: 0, retries: 0, rebalances: 0, at: Date.now() };
  private news: News[] = [];
  private told = 0;
  /** Ride ids by the coordinates of their request and decision; the newest. */
  readonly rides = new Map<string, { id: string; request: string; decision?: string; at: number }>();

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    const { partitions, transactions } = scenario;
    const lanes = (topic: string, kind: Lane['kind']) =>
      Array.from({ length: partitions }, (_, partition) => lane(topic, kind, partition));
    const process = (service: string, n: number, colour: number): Process => ({
      id: `${service}-${n}-id`,
      service,
      name: `${service}-${n}`,
      state: 'alive',
      since: Date.now() - 60_000,
      guarantee: service === 'email' ? 'at-least-once' : 'exactly-once',
      pace: { delay: scenario.pace < 5 ? 400 : 0, paused: false, step: false },
      held: [],
      ended: null,
      crashPoint: null,
      retrying: null,
      colour,
    });
    const group = (name: string, topic: string): Group => ({
      name,
      topic,
      state: 'stable',
      partitions: Array.from({ length: partitions }, () => ({ committed: 0, lag: 0, owner: `${name}-1-id` })),
      rebalances: 0,
      done: 0,
    });
    this.view = {
      broker: { up: true, since: Date.now(), brokers: 1, asked: false },
      lanes: [
        ...lanes('ride_details', 'requests'),
        ...lanes('ride_confirmed', 'decisions'),
        ...[
          'ride_details.transaction.dlq',
          'ride_confirmed.analytics.dlq',
          'ride_confirmed.email.dlq',
        ].flatMap((topic) => lanes(topic, 'dead letters')),
      ],
      groups: [
        group('transaction', 'ride_details'),
        group('analytics', 'ride_confirmed'),
        group('email', 'ride_confirmed'),
      ],
      processes: [
        process('rides', 1, 5),
        ...Array.from({ length: transactions }, (_, i) =>
          process('transaction', i + 1, i === 0 ? 0 : i === 1 ? 1 : 4),
        ),
        process('analytics', 1, 2),
        process('email', 1, 3),
      ],
      totals: {
        accepted: 0,
        confirmed: 0,
        rejected: 0,
        deadLettered: 0,
        inFlight: 0,
        lost: 0,
        expired: 0,
        noLongerKept: 0,
        twice: 0,
        overtaken: 0,
        mailed: 0,
        repeated: 0,
        counted: 0,
        complete: true,
      },
      violations: [],
      news: [],
      samples: [],
    };
    this.assign();
    if (scenario.backlog) for (let i = 0; i < scenario.backlog; i++) this.book(i % partitions);
  }

  /** Writes a request. @returns its coordinates and ride */
  book(partition = Math.floor(Math.random() * this.scenario.partitions)) {
    const lane = this.lane('ride_details', partition);
    const offset = this.write(lane, { what: 'message', state: 'plain' });
    const id = crypto.randomUUID();
    const request = `ride_details/${partition}/${offset}`;
    this.rides.set(request, { id, request, at: Date.now() });
    for (const old of this.rides.keys()) {
      if (this.rides.size <= 3000) break;
      this.rides.delete(old);
    }
    this.view.totals.accepted++;
    this.view.totals.inFlight++;
    this.second.rides++;
    return { id, partition, offset };
  }

  /** Goes on by `elapsed` milliseconds. @returns what changed, null where nothing did */
  tick(elapsed: number): Change | null {
    const { rate, pace, away, rebalance, partitions } = this.scenario;
    this.age += elapsed;
    if (away) return this.loseBroker();
    this.owed += (rate * elapsed) / 1000;
    for (; this.owed >= 1; this.owed--) this.book();
    if (rebalance) this.rebalance();
    const budget = (pace * elapsed) / 1000;
    for (let partition = 0; partition < partitions; partition++) {
      this.decide(partition, budget);
      this.read('analytics', partition, budget * 2 + 0.2);
      this.read('email', partition, budget + 0.1);
    }
    this.commit();
    return this.collect();
  }

  private decide(partition: number, budget: number): void {
    if (this.opened.some((open) => open.partition === partition)) return;
    const input = this.lane('ride_details', partition);
    const place = this.place('transaction', partition);
    const many = Math.min(input.end - place.committed, Math.floor(budget + Math.random()) + 1, 200);
    if (many <= 0 || chance(0.4) || pausedFor(this.view, place.owner)) return;
    const output = this.lane('ride_confirmed', partition);
    const offsets: number[] = [];
    for (let i = 0; i < many; i++) {
      const from = place.committed + i;
      if (this.scenario.dead && chance(0.04)) {
        this.park(input, from);
        continue;
      }
      const what = chance(0.07) ? 'rejected' : 'message';
      const cause = `ride_details/${partition}/${from}`;
      const offset = this.write(output, { what, state: 'open', cause });
      offsets.push(offset);
      const ride = this.rides.get(cause);
      if (ride)
        this.rides.set(`ride_confirmed/${partition}/${offset}`, {
          ...ride,
          decision: `ride_confirmed/${partition}/${offset}`,
        });
    }
    if (offsets[0] !== undefined) output.stable = offsets[0];
    this.opened.push({ partition, offsets, inputTo: place.committed + many, at: this.age });
  }

  private commit(): void {
    for (let i = this.opened.length - 1; i >= 0; i--) {
      const open = this.opened[i] as Open;
      if (this.age - open.at < this.scenario.open * (0.6 + Math.random() * 0.8)) continue;
      this.opened.splice(i, 1);
      const output = this.lane('ride_confirmed', open.partition);
      const aborted = this.scenario.abort && chance(0.3);
      for (const offset of open.offsets) {
        const mark = output.marks.find((one) => one.offset === offset);
        if (mark)
          output.marks[output.marks.indexOf(mark)] = { ...mark, state: aborted ? 'aborted' : 'committed' };
      }
      if (open.offsets.length > 0) this.write(output, { what: aborted ? 'abort' : 'commit', state: 'plain' });
      output.stable = output.end;
      if (aborted) {
        this.tell(
          'transaction',
          'warning',
          `A transaction on partition ${open.partition} was aborted; its ${open.offsets.length} messages count nowhere.`,
        );
        continue;
      }
      const place = this.place('transaction', open.partition);
      const totals = this.view.totals;
      totals.inFlight -= open.offsets.length;
      totals.confirmed += open.offsets.length;
      place.committed = open.inputTo;
      if (this.scenario.lost && chance(0.02)) this.lose(open);
    }
  }

  private lose(open: Open): void {
    const { totals, violations } = this.view;
    totals.lost++;
    totals.confirmed--;
    violations.unshift({
      at: Date.now(),
      what: chance(0.5) ? 'lost' : 'twice',
      ride: [...this.rides.values()].at(-1)?.id ?? null,
      coordinates: `ride_details/${open.partition}/${open.inputTo - 1}`,
      text: 'It was accepted, its offset is committed, and there is no decision for it on ride_confirmed.',
    });
    if (violations[0]?.what === 'twice') totals.twice++;
    violations.length = Math.min(50, violations.length);
  }

  private read(name: 'analytics' | 'email', partition: number, budget: number): void {
    const place = this.place(name, partition);
    const { stable } = this.lane('ride_confirmed', partition);
    const many = Math.min(stable - place.committed, Math.floor(budget + Math.random()));
    if (many <= 0) return;
    place.committed += many;
    this.view.totals[name === 'email' ? 'mailed' : 'counted'] += many;
  }

  private park(input: Lane, offset: number): void {
    const bin = this.lane('ride_details.transaction.dlq', input.partition);
    const at = this.write(bin, {
      what: 'message',
      state: 'committed',
      cause: `ride_details/${input.partition}/${offset}`,
    });
    const mark = input.marks.findIndex((one) => one.offset === offset);
    if (mark >= 0)
      input.marks[mark] = {
        ...(input.marks[mark] as Mark),
        deadLetter: `${bin.topic}/${bin.partition}/${at}`,
      };
    this.touched.add(input);
    this.view.totals.deadLettered++;
    this.view.totals.inFlight--;
  }

  private rebalance(): void {
    const period = 9000;
    const phase = this.age % period;
    const third = this.view.processes.find(({ name }) => name === 'transaction-3');
    if (!third) return;
    if (phase > 3000 && phase < 6000 && third.state === 'alive') {
      third.state = 'gone';
      third.since = Date.now();
      this.assign();
      this.tell('transaction', 'warning', 'transaction-3 left; partition 2 went to transaction-2.');
    } else if (phase < 3000 && third.state === 'gone') {
      third.state = 'alive';
      third.since = Date.now();
      this.assign();
      this.tell('transaction', 'ok', 'transaction-3 joined; partition 2 came to it from transaction-2.');
    }
  }

  private assign(): void {
    const owners = this.view.processes.filter(
      ({ service, state }) => service === 'transaction' && state !== 'gone',
    );
    const group = this.view.groups[0] as Group;
    for (const [i, place] of group.partitions.entries()) place.owner = owners[i % owners.length]?.id ?? null;
    group.rebalances++;
    this.second.rebalances++;
  }

  private loseBroker(): Change | null {
    if (!this.view.broker.up || this.age < 1500) return null;
    this.view.broker = { ...this.view.broker, up: false, since: Date.now() };
    this.tell('kafka', 'error', 'Kafka does not answer.');
    const news = this.news;
    this.news = [];
    return { broker: this.view.broker, news };
  }

  private tell(about: string, tone: News['tone'], text: string): void {
    const news = { number: ++this.told, at: Date.now(), about, tone, text };
    this.news.unshift(news);
    this.view.news = [news, ...this.view.news].slice(0, 20);
  }

  private collect(): Change | null {
    const { view } = this;
    for (const group of view.groups) {
      group.done = group.partitions.reduce((sum, { committed }) => sum + committed, 0);
      for (const [i, place] of group.partitions.entries())
        place.lag = this.lane(group.topic, i).end - place.committed;
    }
    const change: Change = {
      groups: view.groups,
      totals: view.totals,
      processes: view.processes,
      violations: view.violations,
    };
    if (this.touched.size > 0) change.lanes = [...this.touched];
    if (this.news.length > 0) change.news = this.news;
    if (Date.now() - this.second.at >= 1000) {
      const lag = Object.fromEntries(
        view.groups.map(({ name, partitions }) => [
          name,
          partitions.reduce((sum, place) => sum + place.lag, 0),
        ]),
      );
      const p50 = this.second.rides > 0 ? 6 + Math.random() * 5 + this.scenario.open : null;
      const sample = { ...this.second, at: Date.now(), lag, p50, p99: p50 && p50 * (2 + Math.random() * 3) };
      view.samples = [...view.samples, sample].slice(-300);
      change.samples = [sample];
      this.second = { rides: 0, retries: 0, rebalances: 0, at: Date.now() };
    } else if (this.touched.size === 0 && this.news.length === 0) return null;
    this.touched = new Set();
    this.news = [];
    return change;
  }

  private write(lane: Lane, mark: Omit<Mark, 'offset'>): number {
    const offset = lane.end++;
    lane.marks.push({ offset, ...mark });
    if (lane.marks.length > kept) lane.marks.splice(0, lane.marks.length - kept);
    if (lane.kind !== 'decisions') lane.stable = lane.end;
    this.touched.add(lane);
    return offset;
  }

  lane(topic: string, partition: number): Lane {
    return this.view.lanes.find((one) => one.topic === topic && one.partition === partition) as Lane;
  }

  private place(name: string, partition: number) {
    const group = this.view.groups.find((one) => one.name === name) as Group;
    return group.partitions[partition] as Group['partitions'][number];
  }
}

const pausedFor = (view: View, owner: string | null) =>
  view.processes.find(({ id }) => id === owner)?.pace?.paused ?? false;

const lane = (topic: string, kind: Lane['kind'], partition: number): Lane => ({
  topic,
  partition,
  kind,
  end: 0,
  start: 0,
  stable: 0,
  marks: [],
});
