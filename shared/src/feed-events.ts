/** What a process tells at `/feed`: see feed.ts. */
import type { Held, PaceState } from './pace.ts';
import type { Coordinates } from './reading.ts';
import type { Guarantee, ServiceName } from './topology.ts';

/** How a process is at this moment. */
export interface FeedStatus {
  service: ServiceName;
  /** Unique per process. It is also the client id of the process in Kafka, so that the members of a group can be told apart. */
  process: string;
  pid: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  guarantee: Guarantee;
  /** The topic that it reads, and the partitions of it that it has now. */
  topic: string | null;
  partitions: number[];
  /** Null where nothing is read from Kafka, so that there is no pace to set. */
  pace: PaceState | null;
  /** What is held by its pace until somebody resumes it or asks for a step, longest first. */
  held: Held[];
  /** `after-produce:3`, while armed. */
  crashPoint: string | null;
  /** What it waits for before it can do its work; empty: ready. */
  ready: string[];
}

/** What became of one message. Times are milliseconds since 1970, with fractions. */
export interface FeedEntry extends Coordinates {
  /**
   * `accepted`: Kafka has a message that was asked for outside Kafka. `read`: it was handed to its handler. `done`, `repeat` (its
   * effect was there already), `dead letter`, `dropped` (given up): its outcome and its offset are durable. `retry`: it failed
   * and is tried again.
   */
  what: 'accepted' | 'read' | 'done' | 'repeat' | 'dead letter' | 'dropped' | 'retry';
  /** Null where the message was not parsed (yet). */
  ride: string | null;
  /** `ce_id`, or the coordinates and the timestamp where the message has none. */
  identity?: string;
  /** From 1. */
  attempt: number;
  at: number;
  /** accepted: when it was asked for. An outcome: when the handler returned. */
  since?: number;
  /** retry, dead letter, dropped: why. */
  reason?: string;
  /** retry: when it is tried again. */
  until?: number;
}

/** `missed`: so many entries; null: nobody knows how many. */
export interface FeedGap {
  missed: number | null;
}
