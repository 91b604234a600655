/**
 * Rides that are older than the latest messages, read from Kafka again: found by the time in their id, or by the coordinates of one of
 * their messages. Bounded: in offsets, in those who look at once, and in what is remembered.
 */
import { Problem } from '@rideflow/shared/http/problem.ts';
import { limited } from '@rideflow/shared/kafka/consuming/limit-concurrency.ts';
import type { LookBack } from '@rideflow/shared/kafka/observing/look-back.ts';
import type { FetchedRecord } from '@rideflow/shared/kafka/watch.ts';
import { Recent as Bounded } from '@rideflow/shared/recent.ts';
import { topics } from '@rideflow/shared/topics.ts';
import { allTopics } from '@rideflow/shared/topology.ts';
import { type Place, placeOf } from './coordinates.ts';
import type { Glance } from './observe/glance.ts';
import { Lane, type Marker } from './observe/lane.ts';
import { type Message, Recent } from './observe/recent.ts';
import { toWatched } from './observe/watched.ts';

/** Offsets per partition that are read for one ride, and how many in one go. */
const mostOffsets = 20_000;
const chunk = 2000;
/** Of one ride. */
const mostMessages = 100;
/** Clocks differ, and a request may wait for Kafka; in milliseconds. */
const [before, after] = [5000, 120_000];
/** Answers that are remembered for whoever follows them, and for how long, in milliseconds: what cannot change, and what can. */
const remembered = 50;
const [finalFor, elseFor] = [300_000, 10_000];
const mostWaiting = 5;

const [requests, decisions] = [topics.ride_details.name, topics.ride_confirmed.name];

export interface Found {
  /** As they came; none, where there is a marker. */
  messages: Message[];
  marker: Marker | null;
  /** So many offsets behind the request were read, and no decision was among them, though the topic goes on; null: it was read to its end. */
  cut: number | null;
}

export class Archive {
  readonly #lookBack: <T>(use: (look: LookBack) => Promise<T>) => Promise<T>;
  readonly #found = new Bounded<{ until: number; found: Found | Problem }>(remembered);
  readonly #oneByOne = limited(1, (key: string, use: (look: LookBack) => Promise<Found>) =>
    this.#ask(key, use),
  );
  #waiting = 0;

  constructor(lookBack: <T>(use: (look: LookBack) => Promise<T>) => Promise<T>) {
    this.#lookBack = lookBack;
  }

  /** @throws Problem with a sentence: nothing says when it was, nothing of then is kept, or Kafka does not answer */
  async ride(id: string): Promise<Found> {
    const time = timeOf(id);
    if (time === null)
      throw new Problem(
        404,
        `No ride with the id ${quoted(id)} is among the latest messages. An older ride is found by the time in its whole id (UUIDv7), and this one has none.`,
      );
    return this.#look(id, async (look) => around(look, await findRequest(look, id, time)));
  }

  /** @throws Problem like `ride` */
  message(place: Place): Promise<Found> {
    return this.#look(named(place), (look) => findMessage(look, place));
  }

  async #look(key: string, use: (look: LookBack) => Promise<Found>): Promise<Found> {
    const known = this.#remembered(key);
    if (!known && this.#waiting >= mostWaiting)
      throw new Problem(503, 'Others look for old messages just now. Try again in a moment.');
    this.#waiting++;
    try {
      const found = known ?? (await this.#oneByOne(key, use));
      if (found instanceof Problem) throw found;
      return found;
    } finally {
      this.#waiting--;
    }
  }

  /** What is not found is remembered too, for a short time: whoever waits for it asks again and again. */
  async #ask(key: string, use: (look: LookBack) => Promise<Found>): Promise<Found | Problem> {
    const known = this.#remembered(key);
    if (known) return known;
    const found = await this.#lookBack(use).catch((error: Error) =>
      error instanceof Problem
        ? error
        : new Problem(503, `Kafka cannot be asked for old messages: ${error.message}.`),
    );
    const isFinal = !(found instanceof Problem) && found.messages.every(({ state }) => state !== 'open');
    this.#found.set(key, { until: Date.now() + (isFinal ? finalFor : elseFor), found });
    return found;
  }

  #remembered(key: string): Found | Problem | null {
    const known = this.#found.get(key);
    return known && Date.now() < known.until ? known.found : null;
  }
}

/** In milliseconds since 1970, of a UUIDv7 (RFC 9562); null: another id. */
export function timeOf(id: string): number | null {
  const [, high, low] =
    /^([\da-f]{8})-([\da-f]{4})-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i.exec(id) ?? [];
  return high && low ? Number.parseInt(high + low, 16) : null;
}

/** Reads stretches, and keeps those messages that are wanted, with the ends of their transactions. */
class Reading {
  readonly #recent = new Recent(mostMessages);
  readonly #lanes = new Map<string, Lane>();
  readonly #look: LookBack;
  readonly #isWanted: (record: FetchedRecord, topic: string) => boolean;
  readonly messages: Message[] = [];
  marker: Marker | null = null;

  constructor(look: LookBack, isWanted: (record: FetchedRecord, topic: string) => boolean) {
    this.#look = look;
    this.#isWanted = isWanted;
  }

  async read(topic: string, partition: number, from: number, to: number): Promise<void> {
    const lane = this.#lanes.get(`${topic}/${partition}`) ?? new Lane(topic, partition, 'requests');
    this.#lanes.set(`${topic}/${partition}`, lane);
    await this.#look.read({ topic, partition, from, to }, (record) => {
      if (!record.isControlRecord && !this.#isWanted(record, topic)) return;
      lane.take(
        { topic, partition, start: from, end: to, stable: to, records: [toWatched(record)] },
        (glance, record) => {
          if (this.messages.length < mostMessages) this.messages.push(this.#recent.add(glance, record));
        },
        ({ glance, state, at }) => this.#recent.end(glance, state, at),
        (marker) => {
          if (Number(record.offset) === from) this.marker ??= marker;
        },
      );
    });
  }
}

/** Reads chunk by chunk, one more than until the message has come. @returns whether it ended before the end of the partition */
async function readUntil(
  reading: Reading,
  { topic, partition, from, end }: { topic: string; partition: number; from: number; end: number },
  isThere: () => boolean,
): Promise<boolean> {
  const to = Math.min(end, from + mostOffsets);
  for (let at = from, more = 1; at < to && more >= 0; at += chunk) {
    await reading.read(topic, partition, at, Math.min(to, at + chunk));
    if (isThere()) more--;
  }
  return to < end;
}

/** A request by its id, in any partition. */
async function findRequest(look: LookBack, id: string, time: number): Promise<Message> {
  const bytes = Buffer.from(id);
  let newest = 0;
  const reading = new Reading(look, ({ value, timestamp }) => {
    newest = Number(timestamp);
    return value?.includes(bytes) ?? false;
  });
  const isIt = ({ glance }: Message) => glance.ride === id && !glance.replayFor;
  const places = await look.offsetsAt(requests, time - before);
  const open = new Set(places.keys());
  for (let read = 0; read < mostOffsets && open.size > 0; read += chunk)
    for (const partition of open) {
      const { at = 0, end = 0 } = places[partition] ?? {};
      newest = 0;
      await reading.read(requests, partition, at + read, Math.min(end, at + read + chunk));
      const found = reading.messages.find(isIt);
      if (found) return found;
      if (at + read + chunk >= end || newest > time + after) open.delete(partition);
    }
  const when = new Date(time).toISOString();
  const deleted = places.some(({ start, at }) => start > 0 && at === start);
  throw new Problem(
    404,
    deleted
      ? `The ride ${quoted(id)} is of ${when}, by its id, and Kafka no longer keeps all messages of that time.`
      : `No ride with the id ${quoted(id)} is among the messages that Kafka has of ${when}, the time in the id.`,
  );
}

/** A request, and whatever came of it. */
async function around(look: LookBack, { glance }: Message): Promise<Found> {
  const { topic, partition, offset, timestamp, ride } = glance;
  const request = named(glance);
  const bytes = ride === null ? null : Buffer.from(ride);
  const reading = new Reading(look, (record, at) => {
    if (at === requests && Number(record.offset) === offset) return true;
    const { ce_cause, dead_letter_from } = record.headers;
    return (
      String(ce_cause) === request ||
      String(dead_letter_from) === request ||
      (bytes !== null && (record.value?.includes(bytes) ?? false))
    );
  });
  const { end: last = 0 } = (await look.offsetsAt(topic, timestamp))[partition] ?? {};
  await reading.read(topic, partition, offset, Math.min(last, offset + chunk));
  let cut: number | null = null;
  for (const topic of allTopics().filter((one) => one !== requests)) {
    const { at: from = 0, end = 0 } = (await look.offsetsAt(topic, timestamp - before))[partition] ?? {};
    const isDecided = () => reading.messages.some((message) => message.glance.topic === decisions);
    const isCut = await readUntil(
      reading,
      { topic, partition, from, end },
      () => topic === decisions && isDecided(),
    );
    if (isCut && topic === decisions && !isDecided()) cut = mostOffsets;
  }
  const isOfIt = ({ ride: of, cause, parkedFrom }: Glance) =>
    (ride !== null && of === ride) || cause === request || parkedFrom === request;
  const messages = reading.messages.filter(
    (message) => named(message.glance) === request || isOfIt(message.glance),
  );
  return { messages, marker: null, cut };
}

/**
 * The message at a place, with its whole ride where that is found from there.
 * @param steps so many messages back: a dead letter is of a decision, a decision of a request
 */
async function findMessage(look: LookBack, place: Place, steps = 2): Promise<Found> {
  const { topic, partition, offset } = place;
  const { start = 0, end = 0 } = (await look.offsetsAt(topic, 0))[partition] ?? {};
  if (offset < start)
    throw new Problem(
      404,
      `Kafka has deleted ${named(place)}: it keeps that partition from offset ${start} on.`,
    );
  if (offset >= end)
    throw new Problem(404, `Nothing is stored at ${named(place)}: the partition ends at ${end}.`);
  const reading = new Reading(look, (record) => Number(record.offset) === offset);
  await reading.read(topic, partition, offset, Math.min(end, offset + chunk));
  const [message] = reading.messages;
  if (!message) {
    if (reading.marker) return { messages: [], marker: reading.marker, cut: null };
    throw new Problem(404, `Kafka has no message at ${named(place)}.`);
  }
  if (topic === requests) return around(look, message);
  const cause = placeOf(message.glance.parkedFrom ?? message.glance.cause);
  const alone: Found = { messages: [message], marker: null, cut: null };
  if (!cause || !allTopics().includes(cause.topic) || steps === 0) return alone;
  const origin = await findMessage(look, cause, steps - 1).catch((error) => {
    if (error instanceof Problem) return null; // it is no longer kept
    throw error;
  });
  return origin?.messages.some(({ glance }) => named(glance) === named(place)) ? origin : alone;
}

const named = ({ topic, partition, offset }: Place) => `${topic}/${partition}/${offset}`;
const quoted = (id: string) => JSON.stringify(id.slice(0, 100));
