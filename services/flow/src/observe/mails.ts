/**
 * The mails as the mailbox has them, which alone shows what was mailed twice: email dies, or is not answered, before it can tell.
 * Asks MailDev, again and again, for what came behind the last mail that was seen.
 */
import { mailIdentity } from '@rideflow/shared/mail-identity.ts';
import { Recent } from '@rideflow/shared/recent.ts';

export interface SeenMail {
  /** When it came, in milliseconds since 1970; null where the mailbox does not say. */
  at: number | null;
}

/** One mail of `GET /email`; `came` is what the mailbox of `npm start` adds. */
interface Listed {
  id: string;
  messageId?: string;
  headers?: Record<string, unknown>;
  came?: string;
}

/** For an answer, in milliseconds. */
const patience = 3000;
/** As many mails as a mailbox may have when somebody deletes some by hand, and all are listed again. */
const mostIds = 20_000;
/** A mail can be seen before the decision that it comes from; in milliseconds. */
const untilKnown = 5000;

/** The mails with one Message-ID. */
interface Copies {
  ride: string;
  mails: SeenMail[];
  /** When the latest was seen. */
  seen: number;
  /** How many of them come on top of the decisions whose offset is committed. */
  beyond: number;
}

/** Decisions that give a mail with one Message-ID, more than one where a ride was decided twice, and of how many the offset is committed. */
export interface Decided {
  all: number;
  committed: number;
}

export class Mails {
  readonly #url: string;
  /** By `mailIdentity`. */
  readonly #byMessage: Recent<Copies>;
  /** Of the mails that were seen. */
  readonly #ids = new Recent<true>(mostIds);
  #known = false;
  /** The number of mails that the mailbox had, deleted ones too, and the id of the last one. */
  #seen = 0;
  #last = '';
  #deleted = 0;
  #mails = 0;
  #repeated = 0;
  #beyond = 0;
  /** Those whose `beyond` may still change, by `mailIdentity`. */
  readonly #open = new Map<string, Copies>();

  /** @param url of MailDev @param capacity different mails that are remembered */
  constructor(url: string, capacity: number) {
    this.#url = url;
    this.#byMessage = new Recent(capacity);
  }

  /** Mails of our own, and how many of them are repeats of another; null while no mailbox can be asked. */
  get tally(): { mails: number; repeated: number } | null {
    return this.#known ? { mails: this.#mails, repeated: this.#repeated } : null;
  }

  /**
   * How many mails come on top of one for each decision whose offset is committed: repeats, and mails whose offset is not committed.
   * @param decided the decisions of a ride with this `mailIdentity`; undefined where none is known (yet)
   */
  beyond(now: number, decided: (ride: string, key: string) => Decided | undefined): number {
    for (const [key, copies] of this.#open) {
      const young = now - copies.seen < untilKnown;
      const found = decided(copies.ride, key);
      // Where the decision is not kept any more, its offset was committed.
      const committed = found?.committed ?? 1;
      const beyond = found || !young ? Math.max(0, copies.mails.length - committed) : 0;
      this.#beyond += beyond - copies.beyond;
      copies.beyond = beyond;
      const settled = found ? found.committed === found.all : !young;
      // While it is young, what is beyond may still turn out to be of a decision that comes.
      if (settled && (beyond === 0 || !young)) this.#open.delete(key);
    }
    return this.#beyond;
  }

  /** The mails of the decisions with this identity, oldest first; null while no mailbox can be asked. */
  of(identity: string): SeenMail[] | null {
    return this.#known ? (this.#byMessage.get(mailIdentity(identity))?.mails ?? []) : null;
  }

  /** Counting begins anew: what came until now is about messages that are gone. */
  forget(): void {
    this.#mails = this.#repeated = this.#beyond = 0;
    this.#open.clear();
  }

  /** @returns whether anything changed */
  async ask(): Promise<boolean> {
    const before = JSON.stringify(this.tally);
    try {
      await this.#takeNew();
      this.#known = true;
    } catch {
      this.#known = false;
    }
    return before !== JSON.stringify(this.tally);
  }

  async #takeNew() {
    const before = this.#seen === 0 ? 0 : this.#seen - 1;
    let answer = await this.#list(before - this.#deleted);
    const gone = answer.deleted - this.#deleted;
    // Meanwhile the oldest were deleted, so the list began further on; and more may be, until it is asked again.
    if (gone > 0) answer = await this.#list(before - answer.deleted - 2 * gone - 20);
    // Somebody deleted some by hand.
    if (this.#seen > 0 && !answer.mails.some(({ id }) => id === this.#last)) answer = await this.#list(0);
    for (const mail of answer.mails) this.#take(mail);
    this.#deleted = answer.deleted;
    this.#seen = answer.deleted + answer.skip + answer.mails.length;
    this.#last = answer.mails.at(-1)?.id ?? '';
  }

  #take({ id, messageId = '', headers = {}, came }: Listed) {
    if (this.#ids.has(id)) return;
    this.#ids.set(id, true);
    const { 'x-ride-id': ride } = headers;
    if (typeof ride !== 'string') return;
    const key = messageId.replace(/^<|@.*$/g, '');
    const copies = this.#byMessage.get(key) ?? { ride, mails: [], seen: 0, beyond: 0 };
    copies.mails.push({ at: came ? Date.parse(came) : null });
    copies.seen = Date.now();
    this.#mails++;
    if (copies.mails.length > 1) this.#repeated++;
    else this.#byMessage.set(key, copies);
    this.#open.set(key, copies);
  }

  /** The mails behind the first so many that the mailbox has, and how many it had deleted by then. */
  async #list(wanted: number): Promise<{ mails: Listed[]; deleted: number; skip: number }> {
    const skip = Math.max(0, wanted);
    const response = await fetch(`${this.#url}/email?skip=${skip}`, {
      signal: AbortSignal.timeout(patience),
    });
    if (!response.ok) throw new Error(`the mailbox answered ${response.status}`);
    const mails = (await response.json()) as Listed[];
    if (!Array.isArray(mails)) throw new Error('this is no mailbox');
    return { mails, deleted: Number(response.headers.get('x-mails-deleted') ?? 0), skip };
  }
}
