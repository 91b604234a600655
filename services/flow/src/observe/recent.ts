/** The latest messages and what the services told of them, by their coordinates and by their ride. Bounded. */
import type { FeedEntry } from '@rideflow/shared/feed.ts';
import { Recent as Bounded } from '@rideflow/shared/recent.ts';
import { topics } from '@rideflow/shared/topics.ts';
import type { Mark } from '../protocol.ts';
import type { Glance } from './glance.ts';
import type { WatchedRecord } from './watched.ts';

export interface Message {
  glance: Glance;
  record: WatchedRecord;
  state: Mark['state'];
  /** When its transaction ended, in milliseconds since 1970. */
  endedAt: number | null;
}

export const coordinatesOf = ({ glance: { topic, partition, offset } }: Message) =>
  `${topic}/${partition}/${offset}`;

/** Whether a reader gets it, once its transaction is committed: an aborted one goes to nobody, a replay to one reader. */
export const isFor = ({ glance: { replayFor }, state }: Message, reader: string): boolean =>
  state !== 'aborted' && (!replayFor || replayFor === reader);

/** Entries of one message: a retry is one. */
const mostTold = 50;
const requests = topics.ride_details.name;
/** Dead letters that are found by the message that they are made from. */
const mostParked = 1000;
/** Different texts of headers that are kept once: most headers are the same in every message. */
const mostTexts = 100;

/** Who told it, and what. */
export type Told = Pick<FeedEntry, 'what' | 'attempt' | 'at' | 'since' | 'reason' | 'error' | 'until'> & {
  service: string;
  /** Its process. */
  by: string;
  /** What that process guarantees; null where it has not said. */
  guarantee: string | null;
};

export class Recent {
  readonly #messages: Bounded<Message>;
  /** Coordinates by ride, in the order in which the messages came. */
  readonly #rides = new Map<string, string[]>();
  readonly #told: Bounded<Told[]>;
  /** Coordinates of the dead letter, by those of its original. */
  readonly #parked = new Bounded<string>(mostParked);

  readonly #texts = new Map<string, string>();

  /** @param capacity messages; each takes about 1.5 kB */
  constructor(capacity: number) {
    this.#messages = new Bounded(capacity);
    this.#told = new Bounded(capacity);
  }

  /**
   * A record as it is written. Its bytes are copied, since they are slices of a whole fetch; not into Node's pool, of which each small
   * copy would keep a whole page.
   */
  add(glance: Glance, record: WatchedRecord): Message {
    const coordinates = `${glance.topic}/${glance.partition}/${glance.offset}`;
    const { key, value } = record;
    const bytes = Buffer.allocUnsafeSlow((key?.length ?? 0) + (value?.length ?? 0));
    key?.copy(bytes);
    value?.copy(bytes, key?.length ?? 0);
    const headers: Record<string, string> = {};
    // Most texts stand in several places; one copy of each is kept.
    const known = [glance.ride, glance.identity, glance.cause, glance.causeId, glance.customer];
    for (const [name, value] of Object.entries(record.headers)) {
      const text = String(value);
      headers[name] = known.find((one) => one === text) ?? this.#once(text);
    }
    const message: Message = {
      glance,
      record: {
        ...record,
        key: key && bytes.subarray(0, key.length),
        value: value && bytes.subarray(key?.length ?? 0),
        headers,
      },
      state: record.producer === null ? 'plain' : 'open',
      endedAt: null,
    };
    const gone = this.#messages.set(coordinates, message);
    if (glance.parkedFrom) this.#parked.set(glance.parkedFrom, coordinates);
    const ride = this.#rideOf(glance);
    if (ride) this.#rides.set(ride, [...(this.#rides.get(ride) ?? []), coordinates]);
    if (gone) this.#drop(gone);
    return message;
  }

  end({ topic, partition, offset }: Glance, state: Mark['state'], at: number): void {
    const message = this.#messages.get(`${topic}/${partition}/${offset}`);
    if (!message) return;
    message.state = state;
    message.endedAt = at;
  }

  /** What a service tells of a message. */
  tell(
    { topic, partition, offset, ...entry }: FeedEntry,
    service: string,
    by: string,
    guarantee: string | null = null,
  ): void {
    const coordinates = `${topic}/${partition}/${offset}`;
    const { what, attempt, at, since, reason, error, until } = entry;
    const told: Told = {
      what,
      attempt,
      at,
      service,
      by,
      guarantee,
      ...(since !== undefined && { since }),
      ...(reason !== undefined && { reason }),
      ...(error !== undefined && { error }),
      ...(until !== undefined && { until }),
    };
    const before = this.#told.get(coordinates);
    if (!before) this.#told.set(coordinates, [told]);
    else if (before.length < mostTold) before.push(told);
  }

  at(coordinates: string): Message | undefined {
    return this.#messages.get(coordinates);
  }

  /** The dead letter that its reader made of the message at these coordinates. */
  letterOf(coordinates: string): Message | undefined {
    return this.at(this.#parked.get(coordinates) ?? '');
  }

  toldOf(coordinates: string): Told[] {
    return this.#told.get(coordinates) ?? [];
  }

  /** Its messages, oldest first. */
  ofRide(ride: string): Message[] {
    return (this.#rides.get(ride) ?? []).flatMap((coordinates) => this.#messages.get(coordinates) ?? []);
  }

  /** The request of each ride of a customer, the newest first. @param most of them */
  ofCustomer(customer: string, most: number): { ride: string; request: Message }[] {
    return [...this.#rides]
      .flatMap(([ride, places]) => {
        const request = places
          .map((place) => this.#messages.get(place))
          .find((one) => one?.glance.topic === requests);
        return request?.glance.customer === customer ? [{ ride, request }] : [];
      })
      .sort((a, b) => b.request.glance.timestamp - a.request.glance.timestamp)
      .slice(0, most);
  }

  /** The id of a ride by its end, at least four characters, as the page shows it; of several, the latest. Else what was given. */
  wholeId(end: string): string {
    if (end.length < 4 || this.#rides.has(end)) return end;
    let found = end;
    for (const id of this.#rides.keys()) if (id.endsWith(end)) found = id;
    return found;
  }

  rideOf({ glance }: Message): string | null {
    return this.#rideOf(glance);
  }

  /** Which ride a message belongs to: its own id, or that of what it was parked from. */
  #rideOf({ ride, parkedFrom, settles }: Glance): string | null {
    if (settles) return null;
    const original = parkedFrom ? this.#messages.get(parkedFrom)?.glance.ride : null;
    return original ?? ride;
  }

  #once(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined && this.#texts.size < mostTexts && text.length < 40) this.#texts.set(text, text);
    return known ?? text;
  }

  #drop({ glance }: Message) {
    const ride = this.#rideOf(glance);
    if (!ride) return;
    const coordinates = `${glance.topic}/${glance.partition}/${glance.offset}`;
    const left = (this.#rides.get(ride) ?? []).filter((one) => one !== coordinates);
    if (left.length > 0) this.#rides.set(ride, left);
    else this.#rides.delete(ride);
  }
}
