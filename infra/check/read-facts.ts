/** Gathers the facts. Each pass continues where the last one ended. */
import { deadLetterTopic } from '@rideflow/shared/topology.ts';
import type { CheckOptions } from './check.ts';
import { type Facts, type Reader, readers } from './facts.ts';
import { TopicLog } from './log.ts';
import { header, placeOn, type Raw, toDecision, toEntry, toResolution } from './records.ts';

type Offsets = Map<number, number>;
const inputs = { transaction: 'ride_details', email: 'ride_confirmed', analytics: 'ride_confirmed' } as const;

export class FactReader {
  readonly #options: CheckOptions;
  readonly #log: TopicLog;
  readonly #positions = new Map<string, Offsets>();
  readonly #facts: Pick<Facts, 'requests' | 'decisions' | 'starts' | 'parked'> = {
    requests: [],
    decisions: [],
    starts: { ride_details: new Map(), ride_confirmed: new Map() },
    parked: {
      transaction: { letters: [], resolved: new Map() },
      email: { letters: [], resolved: new Map() },
      analytics: { letters: [], resolved: new Map() },
    },
  };

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#log = new TopicLog(options.brokers, options.connection);
  }

  async open(): Promise<void> {
    await this.#log.open(['ride_details', 'ride_confirmed'], readers.map(deadLetterTopic));
    const { from } = this.#options;
    for (const topic of ['ride_details', 'ride_confirmed'] as const) {
      const ends = await this.#log.ends(topic); // first, because later messages are after that time
      const starts = await this.#log.starts(topic, from);
      // No message since: Kafka then has no offset for that time.
      for (const [partition, offset] of starts)
        if (offset < 0) starts.set(partition, ends.get(partition) ?? 0);
      this.#facts.starts[topic] = starts;
      this.#positions.set(topic, new Map(starts));
    }
    for (const reader of readers)
      this.#positions.set(deadLetterTopic(reader), await this.#log.starts(deadLetterTopic(reader)));
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  /**
   * Causes are read after their effects. So everything up to a committed offset was written before the end offsets are read,
   * including open transactions. And the source of each dead letter, mail or decision is in the part of the topics that is
   * read.
   */
  async look(): Promise<Facts> {
    const { mails, mailsSince, stats, accepted, from } = this.#options;
    const kept = {
      ride_details: await this.#log.starts('ride_details'),
      ride_confirmed: await this.#log.starts('ride_confirmed'),
      'ride_details.transaction.dlq': await this.#log.starts('ride_details.transaction.dlq'),
    };
    const statistics = stats && from === undefined ? await stats() : null;
    const committed = {
      transaction: await this.#log.committed('transaction', 'ride_details'),
      email: await this.#log.committed('email', 'ride_confirmed'),
    };
    const seen = mails ? await mails() : null;
    for (const reader of readers) await this.#readParked(reader);
    const { requests, decisions } = this.#facts;
    const confirmed = await this.#log.ends('ride_confirmed');
    const details = await this.#log.ends('ride_details');
    await this.#read('ride_confirmed', confirmed, (partition, raw) =>
      decisions.push(toDecision('ride_confirmed', partition, raw)),
    );
    await this.#read('ride_details', details, (partition, raw) =>
      requests.push(toEntry('ride_details', partition, raw)),
    );
    return {
      ...this.#facts,
      kept,
      committed,
      mails: seen,
      mailsSince: mailsSince?.() ?? 0,
      statistics,
      accepted: accepted ?? null,
    };
  }

  async #readParked(reader: Reader) {
    const topic = deadLetterTopic(reader);
    const { letters, resolved } = this.#facts.parked[reader];
    await this.#read(topic, await this.#log.ends(topic), (partition, raw) => {
      const resolution = toResolution(topic, raw);
      if (resolution) resolved.set(`${resolution.of.partition}/${resolution.of.offset}`, resolution.how);
      else {
        const from = placeOn(inputs[reader], header(raw, 'dead_letter_from'));
        letters.push({ partition, offset: Number(raw.offset), from });
      }
    });
  }

  #read(topic: string, to: Offsets, onRecord: (partition: number, raw: Raw) => void) {
    return this.#log.read(topic, this.#positions.get(topic) as Offsets, to, onRecord);
  }
}
