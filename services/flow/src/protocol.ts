/**
 * What the flow process tells its page. Types only: both sides import them.
 *
 * `GET /events` is a stream of server-sent events. The first is a `snapshot`, the whole `View`; each later one is a `change`:
 * the sections that changed, whole, and of the lanes only the marks that are new or changed. An event's id is
 * `<process>.<number>`: a browser that reconnects with it gets what it missed, or a snapshot where that is no longer known.
 * `reset`, without an id, says that somebody asked for a reset: this process ends, and comes again.
 */

/** Everything that the page shows at a glance. Times are milliseconds since 1970; offsets are numbers (below 2^53). */
export interface View {
  broker: BrokerState;
  lanes: Lane[];
  groups: Group[];
  processes: Process[];
  totals: Totals;
  /** What is lost, doubled, expired or overtaken, newest first, at most 50. */
  violations: Violation[];
  /** What happened to processes, broker and single rides, newest first, at most 200. */
  news: News[];
  /** One per second, oldest first, at most 300. */
  samples: Sample[];
}

/** Of a changed lane, `marks` holds the new and the changed ones; `samples` and `news` hold only what is new. */
export type Change = Partial<View>;

export interface BrokerState {
  /** false: Kafka does not answer since `since`; everything else is as it was then. */
  up: boolean;
  since: number;
  brokers: number;
  /** It is away because somebody asked for that here. */
  asked: boolean;
}

/** One partition of a topic. */
export interface Lane {
  topic: string;
  partition: number;
  kind: 'requests' | 'decisions' | 'dead letters';
  /** The next offset that will be written: the lane's right end. */
  end: number;
  /** First offset that Kafka still has. */
  start: number;
  /** A read-committed reader sees nothing from here on: the start of the oldest open transaction, else `end`. */
  stable: number;
  /** The newest messages and markers, oldest first; at most 64 of them are kept. */
  marks: Mark[];
}

/** What stands at one offset. */
export interface Mark {
  offset: number;
  /** `commit` and `abort` are transaction markers; `settled` marks a dead letter as replayed or dropped. */
  what: 'message' | 'rejected' | 'commit' | 'abort' | 'settled';
  /** `open`: in a transaction that is open. `plain`: written without one. */
  state: 'plain' | 'open' | 'committed' | 'aborted';
  /** Its reader could never process it; the coordinates of the dead letter. */
  deadLetter?: string;
  /** Of a request that nothing has become of: `passed`, its reader has committed its offset; `lost`, nobody will decide it. */
  fate?: 'passed' | 'lost';
  /** Left out where many arrive at once, and on dead-letter topics. */
  customer?: string;
  /** The coordinates of the message that caused it; of a dead letter its original, of what settles one that dead letter. */
  cause?: string;
}

/**
 * `GET /api/lanes/{topic}/{partition}?from=100&to=164`, with `&at=` as they were at a moment (milliseconds since 1970): those of these
 * offsets that this process keeps, the newest 1000 of them, oldest first.
 */
export interface OlderMarks {
  marks: Mark[];
}

/** A consumer group: the readers of one service. */
export interface Group {
  name: string;
  topic: string;
  state: 'stable' | 'rebalancing' | 'empty' | 'unknown';
  /** By partition: the place that the group has committed, -1 for none; how much is in front of it; the owner's `Process.id`. */
  partitions: { committed: number; lag: number; owner: string | null }[];
  rebalances: number;
  /** Handled so far, dead letters not counted. */
  done: number;
}

/** One process, as its group or its operations port shows it. */
export interface Process {
  /** Unique, for as long as it lives. */
  id: string;
  service: string;
  /** `transaction-2`. */
  name: string;
  /**
   * `starting`: a member of its group that has told nothing yet. `silent`: its operations port answers no more, but Kafka still counts it
   * as a member of its group. `gone`: it ended, at `since`.
   */
  state: 'starting' | 'alive' | 'paused' | 'silent' | 'gone';
  /**
   * Why it is silent or gone, where somebody asked for it; null: nobody did. One that is frozen stays silent until it is told to go on.
   * `died`: at `crashPoint`, as armed.
   */
  ended: 'stopped' | 'killed' | 'died' | 'frozen' | null;
  /** When it came into this state; of one that is gone, when it stopped answering. */
  since: number;
  guarantee: string | null;
  /** Slow motion: milliseconds per message; `step`: waits for a step. */
  pace: { delay: number; paused: boolean; step: boolean } | null;
  /** Messages that it holds until somebody asks for a step or resumes it. `until`: when it goes on by itself; null: it does not. */
  held: {
    coordinates: string;
    where: 'before its handling' | 'in the open transaction';
    until: number | null;
  }[];
  crashPoint: string | null;
  /** What it waits for, where it tries again. */
  retrying: { coordinates: string; attempt: number; reason: string; until: number } | null;
  /** 0 to 5: its colour. The same for as long as it lives. */
  colour: number;
}

/** accepted = confirmed + rejected + deadLettered + inFlight + lost. */
export interface Totals {
  accepted: number;
  confirmed: number;
  rejected: number;
  deadLettered: number;
  inFlight: number;
  lost: number;
  /** Kafka deleted the request before anything became of it. */
  expired: number;
  /** Kafka has deleted what may have become of it: nobody can tell. */
  noLongerKept: number;
  /** Decided more than once. */
  twice: number;
  /** Decided after a ride of the same customer that was stored later, in another partition. */
  overtaken: number;
  /** Mails that were handed over, repeats too. */
  mailed: number;
  /** Mails of which the mailbox has another copy; null: no mailbox can be asked, and repeats are not in `mailed`. */
  repeated: number | null;
  counted: number;
  /** true: counted from the first message that Kafka still has; false: from the last ones before this process started. */
  complete: boolean;
}

export interface Violation {
  at: number;
  what: 'lost' | 'twice' | 'expired' | 'overtaken';
  ride: string | null;
  /** Of the request. */
  coordinates: string;
  /** A sentence. */
  text: string;
}

export interface News {
  /** From 1: a later one has a greater one. */
  number: number;
  at: number;
  /** The service that it is about; `kafka` for the broker. */
  about: string;
  tone: 'ok' | 'warning' | 'error';
  text: string;
  /** The message that it is about, and its ride where it is known. */
  of?: { coordinates: string; ride: string | null };
}

export interface Sample {
  at: number;
  /** Requests written in this second. */
  rides: number;
  lag: Record<string, number>;
  /** From request to decision, of the rides decided in this second; milliseconds, null where there was none. */
  p50: number | null;
  p99: number | null;
  retries: number;
  rebalances: number;
}

/** `GET /api/rides/{id}`, and with the coordinates of any message `GET /api/messages/{topic}/{partition}/{offset}`. */
export interface RideStory {
  /** Its id; the coordinates where they lead to no ride. */
  ride: string;
  customer: string | null;
  /** What became of it, in words: `confirmed, driver_4 in 9 min`. */
  summary: string;
  steps: Step[];
  /** The messages of this ride: the request and its decisions, dead letters, repeats, replays; in the order of their steps. */
  messages: MessageView[];
  /** Where its mail can be seen. */
  mail: string | null;
  /** Where its trace can be seen; null if no tool is set, or if its trace is not recorded. */
  trace: string | null;
  /** A sentence on where this comes from, where that is not the latest messages. */
  note: string | null;
}

/** `GET /api/customers/{id}/rides`: those among the latest messages, newest first, at most 20. */
export interface RidesOfCustomer {
  rides: {
    ride: string;
    /** When its request was written, in milliseconds since 1970. */
    at: number;
    coordinates: string;
  }[];
}

export interface Step {
  name:
    | 'received'
    | 'stored'
    | 'read'
    | 'decided'
    | 'committed'
    | 'aborted'
    | 'counted'
    | 'mailed'
    | 'dead letter'
    | 'replayed'
    | 'retry'
    | 'fenced'
    | 'repeat'
    | 'marker'
    | 'lost'
    | 'expired';
  /** `open` has begun and is not finished; `unknown`: the service that could tell does not answer; `waiting`: not yet. */
  state: 'done' | 'open' | 'waiting' | 'unknown';
  /** Milliseconds since 1970, with fractions where they are known. */
  at: number | null;
  /** `Process.name`. */
  by: string | null;
  coordinates: string | null;
  /** One plain sentence: `in an open transaction: no reader may see it yet`. */
  text: string;
}

export interface MessageView {
  coordinates: string;
  /** When its producer wrote it. */
  at: number;
  state: Mark['state'];
  key: Bytes | null;
  headers: Record<string, string>;
  value: Bytes | null;
  /** The value as JSON, null where it is none. */
  parsed: unknown;
  cause: string | null;
}

/** `text` where the bytes are UTF-8. */
export type Bytes = { text: string } | { base64: string };

/** `GET /api/controls`: what may be asked for here. Everything else below `/api/controls` answers 403 while `on` is false. */
export interface Controls {
  on: boolean;
  /** Why not: the process was not started with TEACHING=on, or the caller is not on this machine. */
  why: string | null;
  /** Whether processes can be started and killed from the page; under compose it shows the commands to type. */
  processes: 'here' | 'compose' | 'by hand';
  /** Whether Kafka can be stopped and started from the page. */
  broker: boolean;
  /** `trouble`: why the latest rides of the stream were not taken, a sentence; null while they are. */
  stream: { rate: number; keys: boolean; booked: number; trouble: string | null } | null;
  /** null: this mail server cannot be made to fail (the one under compose), or does not answer. */
  mailFault: MailFault | null;
  /** By service: how many processes it may have, which guarantees can be chosen, at which places a process can be made to die. */
  services: Record<
    string,
    { most: number; guarantees: string[]; crashPoints: { name: string; text: string }[] }
  >;
  poisonKinds: { name: string; text: string }[];
  /** Commands to type where the page cannot do it itself, by what they do. */
  commands: {
    start: string;
    kill: string;
    stop: string;
    guarantee: string;
    reset: string;
    book: string;
    share: string;
  };
}

/** What the mail server does with the next mails: `later` is 4xx, `never` 5xx, `breakOff` after the final dot. */
export type MailFault = 'none' | 'later' | 'never' | 'hang' | 'breakOff';

/** `GET /api/share`: where students watch; null: nowhere. */
export type Shared = {
  address: string;
  /** A QR code of the address, as the path of an SVG of `size` × `size` units. */
  qr: { size: number; path: string };
  /** Pages that are open there. */
  watching: number;
} | null;

/**
 * Requests are JSON, and each POST and PUT says so by its Content-Type, also without a body; the answer is 200 with `Controls`,
 * or a problem (RFC 9457) with a sentence in `detail`.
 *
 *   POST   /api/controls/book                {customer_id?, payment_token?}         → 202, what rides answered
 *   PUT    /api/controls/stream              {rate: 1..2000, keys: boolean}         DELETE stops it
 *   PUT    /api/controls/pace/{service}      {delay: 0..5000, paused, step, process?}   one process, by default all of the service
 *   POST   /api/controls/step/{service}      {process?}                             one step further
 *   PUT    /api/controls/crash/{service}     {at: 'after-produce:3'}                one process of it; DELETE disarms
 *   PUT    /api/controls/mail                {fault: MailFault}
 *   POST   /api/controls/poison              {kind, topic?}
 *   PUT    /api/controls/guarantee/{service} {guarantee}                            starts its processes again with it
 *   POST   /api/controls/processes/{service}                                        starts one more
 *   DELETE /api/controls/processes/{id}?how=stop|kill                               id: Process.id
 *   PUT    /api/controls/frozen              {process}                              SIGSTOP; DELETE resumes all that are frozen
 *   DELETE /api/controls/broker                                                     kills Kafka; PUT starts it again
 *   POST   /api/controls/expire              {topic, partition, before}             deletes older messages, as retention does
 *   POST   /api/controls/reset                                                      all data forgotten, everything started again
 *   POST   /api/controls/dead-letters/replay {coordinates: [], edit?: {base64 | text}, again?}
 *   POST   /api/controls/dead-letters/drop   {coordinates: []}
 *
 * `GET /api/dead-letters` and `GET /api/dead-letters/{coordinates}` need no controls.
 */
export interface DeadLetterView {
  coordinates: string;
  reader: string;
  reason: string;
  /** Coordinates of the original; empty where a foreign writer parked it without saying. */
  from: string;
  /** RFC 3339. */
  at: string;
  /** Where its value has the id of a ride. */
  ride: string | null;
  resolved: { by: 'replay' | 'drop'; at: string; as: string | null } | null;
  /** How long its value is; null where it has none. */
  bytes: number | null;
  /** What of the value is missing, where only its beginning could be parked. */
  truncated: string | null;
  /** Null also in a list whose values are too many: asked for alone, the dead letter has it. The same for key and headers. */
  value: Bytes | null;
  key: Bytes | null;
  headers: Record<string, string>;
}
