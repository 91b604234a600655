/** Which messages of one input partition are decided already, as the decisions on the output say. */
import { header, type RawRecord, shortHeader } from '../../reading.ts';
import { Recent } from '../../recent.ts';
import type { Decided } from './guarantee.ts';

/** What a decision says of the message that it decided. */
export interface NamedCause {
  identity: string;
  /**
   * Version 1.0 named a message without `ce_id` by its coordinates alone. When it was decided: what came later to the same coordinates
   * is another message, of a topic that was made anew.
   */
  decidedAt?: number;
}

/** The clocks of two writers may differ by so many milliseconds. */
const clockSkew = 5000;

/** Undefined where the decision names none, as one of a foreign writer. */
export function namedCause(decision: RawRecord): NamedCause | undefined {
  const identity = shortHeader(decision, 'ce_causeid');
  if (!identity) return undefined;
  const byPlace = identity === header(decision, 'ce_cause');
  return byPlace ? { identity, decidedAt: Number(decision.timestamp) } : { identity };
}

/** Whether the message with this identity is the one that was decided. */
export function names({ identity, decidedAt }: NamedCause, message: string): boolean {
  if (message === identity) return true;
  const [place, timestamp] = split(message);
  return decidedAt !== undefined && place === identity && timestamp <= decidedAt + clockSkew;
}

/** `ride_details/2/1041@1700000000000` in its parts. */
function split(identity: string): [place: string, timestamp: number] {
  const end = identity.lastIndexOf('@');
  return [identity.slice(0, end), Number(identity.slice(end + 1))];
}

/** Bounded: of many, the newest are known. */
export class DecidedMessages implements Decided {
  readonly #identities: Recent<true>;
  /** Those that version 1.0 decided. */
  readonly #byPlace = new Map<string, NamedCause>();

  /** @param capacity how many are known */
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
