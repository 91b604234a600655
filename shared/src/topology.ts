/**
 * Who reads what, who writes what, and how often each message takes effect. Consumer groups, dead-letter topics,
 * handler types and the AsyncAPI document are all derived from this table.
 */
import { type MessageOn, type TopicName, topics } from './topics.ts';

/** How often the effect of one message happens. */
export const guarantees = ['at-most-once', 'at-least-once', 'exactly-once'] as const;
export type Guarantee = (typeof guarantees)[number];

interface Row {
  reads: TopicName | null;
  writes: TopicName | null;
  /** How often the effect of one message that it reads happens. */
  guarantee: Guarantee;
  /** The possible values of `GUARANTEE`. Exactly once ends where Kafka and our database end: at SMTP. */
  possible: readonly Guarantee[];
  /** Observes every topic: it commits nothing, and no service knows about it. */
  observes?: true;
}

// biome-ignore format: a table reads best with aligned columns
export const topology = {
  rides:       { reads: null,             writes: 'ride_details',   guarantee: 'at-least-once', possible: ['at-least-once'] },
  transaction: { reads: 'ride_details',   writes: 'ride_confirmed', guarantee: 'exactly-once',  possible: guarantees },
  email:       { reads: 'ride_confirmed', writes: null,             guarantee: 'at-least-once', possible: ['at-most-once', 'at-least-once'] },
  analytics:   { reads: 'ride_confirmed', writes: null,             guarantee: 'exactly-once',  possible: guarantees },
  flow:        { reads: null,             writes: null,             guarantee: 'at-most-once',  possible: ['at-most-once'], observes: true },
} as const satisfies Record<string, Row>;

export type ServiceName = keyof typeof topology;
/** The services that read a topic. */
export type ReaderName = {
  [S in ServiceName]: (typeof topology)[S]['reads'] extends TopicName ? S : never;
}[ServiceName];
/** The messages that a service reads. */
export type Input<S extends ReaderName> = (typeof topology)[S]['reads'] extends infer N extends TopicName
  ? MessageOn<N>
  : never;
/** The return type of a service's handler: messages of the topic in its row, or nothing if the row writes nothing. */
export type Output<S extends ServiceName> = (typeof topology)[S]['writes'] extends infer N extends TopicName
  ? MessageOn<N>[]
  : // biome-ignore lint/suspicious/noConfusingVoidType: this is a handler's return type
    void;

/** The topic where a reader parks messages that it can never process. */
export const deadLetterTopic = (service: ReaderName) => `${topology[service].reads}.${service}.dlq`;

/** The topics that a service needs: those in its row, and its dead-letter topic. rides reads both topics of a ride. */
export function topicsOf(service: ServiceName): string[] {
  const { reads, writes, observes }: Row = topology[service];
  if (observes) return allTopics();
  if (!reads) return Object.values(topics).map(({ name }) => name);
  return [reads, writes, deadLetterTopic(service as ReaderName)].filter((topic) => topic !== null);
}

/** Every topic of the system, including the dead-letter topics. */
export function allTopics(): string[] {
  const rows = Object.entries(topology) as [ServiceName, Row][];
  const readers = rows.filter(([, row]) => row.reads).map(([name]) => name as ReaderName);
  return [...new Set(rows.flatMap(([, row]) => row.writes ?? [])), ...readers.map(deadLetterTopic)];
}
