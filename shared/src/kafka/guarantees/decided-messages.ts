/** Which messages of one input partition are already decided, according to the decisions on the output. */
import { header, type RawRecord, shortHeader } from '../../reading.ts';
import { Recent } from '../../recent.ts';
import type { Decided } from './guarantee.ts';

/** What a decision says about the message that it decided. */
export interface NamedCause {
  identity: string;
  /**
   * Version 1.0 identified a message without `ce_id` by its coordinates only. This is when it was decided: a later message at
   * the same coordinates is a different one, in a recreated topic.
   */
  decidedAt?: number;
}

/** The largest difference between the clocks of two writers, in milliseconds. */
const clockSkew = 5000;

/** Undefined if the decision names none, as from a foreign writer. */
export function namedCause(decision: RawRecord): NamedCause | undefined {
  const identity = shortHeader(decision, 'ce_causeid');
  if (!identity) return undefined;
  const byPlace = identity === header(decision, 'ce_cause');
  return byPlace ? { identity, decidedAt: Number(decision.timestamp) } : { identity };
}

/** Whether the message with this identity was decided. */
export function names({ identity, decidedAt }: NamedCause, message: string): boolean {
  if (message === identity) return true;
  const [place, timestamp] = split(message);
  return decidedAt !== undefined && place === identity && timestamp <= decidedAt + clockSkew;
}

/** The parts of `ride_details/2/1041@1700000000000`. */
function split(identity: string): [place: string, timestamp: number] {
  const end = identity.lastIndexOf('@');
  return [identity.slice(0, end), Number(identity.slice(end + 1))];
}

/** Bounded: keeps the newest ones. */
export class DecidedMessages implements Decided {
  readonly #identities: Recent<true>;
  /** Messages that version 1.0 decided. */
  readonly #byPlace = new Map<string, NamedCause>();

  /** @param capacity the number of messages to keep */
  constructor(capacity: number) {
    this.#identities = new Recent(capacity);
  }

  has(identity: string): boolean {
    if (this.#identities.has(identity)) return true;
    const older = this.#byPlace.size > 0 ? this.#byPlace.get(split(identity)[0]) : undefined;
    return older !== undefined && names(older, identity);
  }

  add(identity: string): void {
    this.#identities.set(identity, true);
  }

  /** @param decision a record of the output */
  addCauseOf(decision: RawRecord): void {
    const cause = namedCause(decision);
    if (!cause) return;
    this.add(cause.identity);
    if (cause.decidedAt !== undefined) this.#byPlace.set(cause.identity, cause);
  }
}
