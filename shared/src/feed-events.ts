/** The events of `/feed`: see feed.ts. */
import type { Held, PaceState } from './pace.ts';
import type { Coordinates } from './reading.ts';
import type { Guarantee, ServiceName } from './topology.ts';

/** The current state of a process. */
export interface FeedStatus {
  service: ServiceName;
  /** Unique for each process. It is also the client id in Kafka, so it identifies the members of a group. */
  process: string;
  pid: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  guarantee: Guarantee;
  /** The topic that it reads, and its current partition assignment. */
  topic: string | null;
  partitions: number[];
  /** Null if the process reads nothing from Kafka, so it has no pace. */
  pace: PaceState | null;
  /** The messages that wait until a person resumes the process or requests a step, the longest wait first. */
  held: Held[];
  /** `after-produce:3` while it is armed. */
  crashPoint: string | null;
  /** The conditions that it still waits for; empty when it is ready. */
  ready: string[];
}

/** The outcome of one message. Times are milliseconds since 1970, with fractions. */
export interface FeedEntry extends Coordinates {
  /**
   * `accepted`: Kafka has stored a message from an HTTP request. `read`: the handler gets it. `done`, `repeat` (it already had
   * its effect), `dead letter`, `dropped` (given up): its outcome and its offset are durable. `retry`: it failed and will be
   * retried.
   */
  what: 'accepted' | 'read' | 'done' | 'repeat' | 'dead letter' | 'dropped' | 'retry';
  /** Null if the message is not parsed (yet). */
  ride: string | null;
  /** `ce_id`, or the coordinates and the timestamp if the message has none. */
  identity?: string;
  /** From 1. */
  attempt: number;
  at: number;
  /** accepted: the time of the request. Outcomes: the time when the handler returned. */
  since?: number;
  /** retry, dead letter, dropped: why. */
  reason?: string;
  /** retry: the name of the Kafka error behind it, such as INVALID_PRODUCER_EPOCH. */
  error?: string;
  /** retry: the time of the next attempt. */
  until?: number;
}

/** `missed`: the number of missed entries; null if unknown. */
export interface FeedGap {
  missed: number | null;
}
