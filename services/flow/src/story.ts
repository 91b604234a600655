/** One ride told from beginning to end: what the topics say of it, and what the services told while they handled it. */
import { parseMessage } from '@rideflow/shared/message-json.ts';
import type { Overtaken } from '@rideflow/shared/overtaken.ts';
import { deadLetterTopic } from '@rideflow/shared/topology.ts';
import { fencing } from './observe/fenced.ts';
import type { Marker } from './observe/lane.ts';
import type { SeenMail } from './observe/mails.ts';
import { sentence } from './observe/order.ts';
import { coordinatesOf, isFor, type Message, type Recent, type Told } from './observe/recent.ts';
import type { Bytes, MessageView, RideStory, Step } from './protocol.ts';

export interface Sources {
  recent: Recent;
  /** Whether a process of this service is heard: where none is, what it did is unknown. */
  heard(service: string): boolean;
  /** Whether a request is lost for certain. */
  lost(partition: number, offset: number): boolean;
  /** Whether Kafka deleted a request before it was decided. */
  expired(partition: number, offset: number): boolean;
  /** By which ride a request was overtaken. */
  overtaken(coordinates: string): Overtaken | undefined;
  /** The mails that come from the message with this identity, oldest first; null where no mailbox can be asked. */
  mails(identity: string): SeenMail[] | null;
  /** The place that the readers of a service have committed in a partition. */
  committed(service: string, partition: number): number;
  /** Of an old ride; `cut`: so many messages were read behind its request, and no decision was among them, though there are more. */
  old?: { cut: number | null };
}

/** The story of a ride, by the messages of it that are known; they are in the order in which they were written. */
export function tellRide(ride: string, messages: Message[], sources: Sources): RideStory {
  const requests = messages.filter(({ glance }) => glance.topic === 'ride_details');
  const decisions = messages.filter(({ glance }) => glance.topic === 'ride_confirmed');
  const letters = messages.filter(({ glance }) => glance.parkedFrom !== null);
  const steps = [
    ...requests.flatMap((request, index) => requestSteps(request, index, decisions, letters, sources)),
    ...decisions.flatMap((decision, index) => decisionSteps(decision, index, decisions, letters, sources)),
  ];
  const valid = decisions.filter(({ state }) => state !== 'aborted');
  return {
    ride,
    customer: messages[0]?.glance.customer ?? null,
    summary: summaryOf(valid.at(-1), letters, fateOf(requests, sources), sources.old?.cut ?? null),
    steps: inOrder(steps),
    messages: messages.map(viewOf),
    mail: null,
    trace: null,
    note: null,
  };
}

/** A transaction marker, told as far as one partition shows it. */
export function tellMarker({ coordinates, what, producer, epoch, at, ended, more }: Marker): RideStory {
  const end = what === 'commit' ? 'committed' : 'aborted';
  const text =
    what === 'commit'
      ? `Kafka wrote it when producer ${producer}, epoch ${epoch}, committed its transaction: what it ends here is visible from then on`
      : `Kafka wrote it when the transaction of producer ${producer} was aborted, epoch ${epoch}: what it ends here is never visible to read-committed readers. An epoch that is one greater than that of the messages shows that another process took over`;
  return {
    ride: coordinates,
    customer: null,
    summary: `${what === 'commit' ? 'a commit' : 'an abort'} marker of producer ${producer}, epoch ${epoch}. It is not a ride message, but it takes an offset too`,
    steps: [
      step('marker', 'done', at, null, coordinates, text),
      ...ended.map((message) => step(end, 'done', at, null, message, 'ended by this marker')),
      ...(more > 0 ? [step(end, 'done', at, null, null, `${more} more messages, ended by this marker`)] : []),
      ...(ended.length === 0
        ? [
            step(
              'marker',
              'unknown',
              null,
              null,
              null,
              'which messages it ends is not among what this page keeps',
            ),
          ]
        : []),
    ],
    messages: [],
    mail: null,
    trace: null,
    note: null,
  };
}

/** Steps by time; those of an unknown time stay behind the one before them. */
function inOrder(steps: Step[]): Step[] {
  let last = 0;
  return steps
    .map((step) => {
      last = step.at ?? last;
      return { step, at: step.at ?? last + 0.0001 };
    })
    .sort((a, b) => waits(a.step) - waits(b.step) || a.at - b.at)
    .map(({ step }) => step);
}

const waits = ({ state }: Step) => (state === 'waiting' ? 1 : 0);

function requestSteps(
  request: Message,
  index: number,
  decisions: Message[],
  letters: Message[],
  sources: Sources,
): Step[] {
  const { glance, state } = request;
  const coordinates = coordinatesOf(request);
  const told = sources.recent.toldOf(coordinates);
  const accepted = told.find(({ what }) => what === 'accepted');
  const steps: Step[] = [];
  if (index === 0) {
    const asked = accepted?.since ?? glance.requestedAt;
    const after = accepted?.since ? ` and answered 202 after ${ms(accepted.at - accepted.since)}` : '';
    if (asked !== null) steps.push(step('received', 'done', asked, accepted?.by, null, `over HTTP${after}`));
  }
  steps.push(
    step(
      glance.replayFor ? 'replayed' : 'stored',
      state === 'open' ? 'open' : 'done',
      storedAt(request, told),
      null,
      coordinates,
      glance.replayFor
        ? `written again for ${glance.replayFor}, after it was parked; other readers pass it over`
        : storedText(request),
    ),
  );
  const reader = readerSteps('transaction', coordinates, told);
  if (decidedUnheard(coordinates, told, decisions)) {
    const text = 'before the first decision. By whom, and when, is unknown: its feed was not heard';
    steps.push(step('read', 'unknown', null, null, coordinates, text));
  }
  steps.push(...reader);
  const parked = letters.find(({ glance }) => glance.parkedFrom === coordinates);
  if (parked) steps.push(deadLetterStep(parked, told));
  else if (
    !decisions.some((decision) => decides(decision, request)) &&
    !reader.some(({ name }) => name === 'repeat')
  ) {
    const fate = fateOf([request], sources);
    const cut = sources.old?.cut;
    const text = {
      waits: 'transaction has not decided it yet',
      passed:
        'transaction has committed its offset, and no decision is written. It is lost if that process is dead. A decision can still arrive, so this page waits: until about 5 s after Kafka has given the partition to another process (which it does about 10 s after a kill), or 2 s after a later ride of the partition is decided',
      lost: 'transaction has committed its offset, and no decision is written: nobody will decide it',
      expired: 'Kafka deleted the request before transaction had decided it: nobody will decide it',
    }[fate];
    if (!glance.replayFor || state !== 'aborted')
      steps.push(
        fate === 'lost' || fate === 'expired'
          ? step(fate, 'done', null, null, coordinates, text)
          : cut
            ? step(
                'decided',
                'unknown',
                null,
                null,
                null,
                `no decision is among the next ${cut} messages, and no more are read`,
              )
            : step('decided', 'waiting', null, null, null, text),
      );
  }
  return steps;
}

function decisionSteps(
  decision: Message,
  index: number,
  decisions: Message[],
  letters: Message[],
  sources: Sources,
): Step[] {
  const { glance, state, endedAt } = decision;
  const coordinates = coordinatesOf(decision);
  const told = sources.recent.toldOf(coordinates);
  const verdict = glance.rejected ? 'rejected' : 'confirmed';
  const again = index > 0 && !glance.replayFor ? 'again, ' : '';
  const texts = {
    plain: `${again}${verdict}, without a transaction: whoever reads sees it at once`,
    open: `${again}${verdict}, in an open transaction: no read-committed reader may see it yet. This page sees it because it reads uncommitted`,
    committed: `${again}${verdict}, in a transaction`,
    aborted: `${again}${verdict}, in a transaction that was aborted: no read-committed reader ever sees it`,
  };
  const overtaken = index === 0 && state !== 'aborted' && sources.overtaken(glance.cause ?? '');
  const late = overtaken ? `. It was overtaken: decided ${sentence(overtaken)}` : '';
  const steps = [
    step(
      'decided',
      state === 'open' ? 'open' : 'done',
      decidedAt(decision, sources),
      null,
      coordinates,
      texts[state] + late,
    ),
  ];
  if (state === 'committed')
    steps.push(
      step(
        'committed',
        'done',
        endedAt,
        null,
        coordinates,
        `visible from now on, together with the offset of the request: both happened, or neither`,
      ),
    );
  if (state === 'aborted')
    steps.push(
      step(
        'aborted',
        'done',
        endedAt,
        null,
        coordinates,
        'the offset was not committed either: it is decided anew',
      ),
    );
  for (const service of ['analytics', 'email'] as const) {
    if (!isFor(decision, service)) continue;
    const parked = letterOf(decision, service, letters);
    const own = told.filter((entry) => entry.service === service);
    const mails = service === 'email' ? mailsOf(decision, decisions, letters, sources) : null;
    steps.push(
      ...(parked ? [deadLetterStep(parked, own)] : effectSteps(service, decision, own, sources, mails)),
    );
  }
  return steps;
}

/** What its key is worth. */
function storedText({ record: { key } }: Message): string {
  if (key !== null)
    return `on disk, with the key ${key}: messages with one key stay in one partition, in order`;
  return 'on disk, without a key: any partition may get it, so rides of one customer can overtake each other';
}

/** When rides heard of it from Kafka; a reader can be quicker than that answer. */
function storedAt({ glance }: Message, told: Told[]): number {
  const answered = told.find(({ what }) => what === 'accepted')?.at ?? glance.timestamp;
  const read = told.find(({ what }) => what === 'read')?.at ?? answered;
  return Math.min(answered, Math.max(read - 0.001, glance.timestamp));
}

/** Records have whole milliseconds: a decision of the millisecond in which its request was read stands behind that. */
function decidedAt({ glance: { cause, timestamp } }: Message, { recent }: Sources): number {
  const read = recent.toldOf(cause ?? '').findLast(({ what, at }) => what === 'read' && at < timestamp + 1);
  return Math.max(timestamp, (read?.at ?? 0) + 0.001);
}

/** Whether a request was decided more often than it was told to be read, first of all: a process that dies takes its last words along. */
function decidedUnheard(request: string, told: Told[], decisions: Message[]): boolean {
  const reads = told.filter(
    ({ service, what, attempt }) => service === 'transaction' && what === 'read' && attempt === 1,
  );
  const [first, ...more] = decisions.filter(({ glance: { cause } }) => cause === request);
  if (!reads[0] || !first || more.length < reads.length) return false;
  return first.glance.timestamp + 1 <= reads[0].at; // records have whole milliseconds
}

/** What a reader told of a message on its way: that it has it, that it tries again. */
function readerSteps(service: string, coordinates: string, told: Told[]): Step[] {
  return told
    .filter((entry) => entry.service === service)
    .flatMap(({ what, by, at, attempt, reason, error }) => {
      const done = (name: Step['name'], text: string) => [step(name, 'done', at, by, coordinates, text)];
      if (what === 'read' && attempt === 1) return done('read', `by ${by}, the owner of its partition`);
      const refusal = fencing(error);
      if (refusal)
        return done(
          'fenced',
          `Kafka refused its transaction (${refusal}): it can commit nothing more with it`,
        );
      if (what === 'retry')
        return done('retry', `attempt ${attempt} failed (${reason}): its partition waits, in order`);
      if (what === 'repeat') return done('repeat', 'decided before, by its identity: it is passed over');
      if (what === 'dropped')
        return done('repeat', `given up by ${service}: at most once means no second attempt`);
      return [];
    });
}

/** Mailed, or counted. */
function effectSteps(
  service: 'email' | 'analytics',
  decision: Message,
  told: Told[],
  sources: Sources,
  mails: Mailed[] | null,
): Step[] {
  const { partition, offset } = decision.glance;
  const coordinates = coordinatesOf(decision);
  const name = service === 'email' ? 'mailed' : 'counted';
  const steps = told
    .filter(({ what }) => what === 'retry')
    .map((entry) => {
      const text = `attempt ${entry.attempt} failed (${entry.reason}): the partition waits, in order, and nothing is lost`;
      return step('retry', 'done', entry.at, entry.by, coordinates, text);
    });
  const done = told.filter(({ what }) => what === 'done');
  const passed = sources.committed(service, partition) > offset;
  if (mails && mails.length > 0)
    return [...steps, ...mailSteps(mails, done, passed || done.length > 0, coordinates)];
  for (const [index, entry] of done.entries()) {
    const { by } = entry;
    // The mail server took it when the handler returned; the offset came after.
    const at = service === 'email' ? (entry.since ?? entry.at) : entry.at;
    const text = effectText(service, entry.guarantee);
    steps.push(step(name, 'done', at, by, coordinates, index === 0 ? text : `again: ${text}`));
  }
  if (done.length > 0) return steps;
  const reading = told.find(({ what }) => what === 'read');
  if (passed) {
    const text = mails
      ? `${service} has passed it, and the mailbox does not have its mail`
      : sources.old
        ? `${service} has passed it; when, is no longer known`
        : `${service} has passed it; when, is unknown: its feed was not heard`;
    steps.push(step(name, 'unknown', null, null, coordinates, text));
  } else if (reading)
    steps.push(step(name, 'open', reading.at, reading.by, coordinates, `${reading.by} has it in hand`));
  else if (decision.state === 'open') steps.push(step(name, 'waiting', null, null, null, 'after the commit'));
  else if (!sources.heard(service))
    steps.push(
      step(name, 'unknown', null, null, null, `unknown: ${service} does not answer, and has not passed it`),
    );
  else steps.push(step(name, 'waiting', null, null, null, `${service} has not finished it yet`));
  return steps;
}

/** What comes first, the effect or the offset, depends on the guarantee. */
function effectText(service: 'email' | 'analytics', guarantee: string | null): string {
  const effect = { email: 'the mail server took it', analytics: 'it was stored' }[service];
  switch (guarantee) {
    case 'exactly-once':
      return `${effect} in one database transaction with the offset`;
    case 'at-least-once':
      return `${effect}, then the offset was committed`;
    case 'at-most-once':
      return `the offset was committed first, then ${effect}`;
    default:
      return `${effect}, and the offset is committed`;
  }
}

/** `again`: there was one with this Message-ID before it, of this decision or of another one. */
type Mailed = SeenMail & { again: boolean };

/**
 * The mails of one decision. Decisions of one request give mails with one Message-ID; email reads them in order, so each
 * mail belongs to the first decision that had none, unless that was written after the mail came. null: no mailbox can be asked.
 */
function mailsOf(
  decision: Message,
  decisions: Message[],
  letters: Message[],
  sources: Sources,
): Mailed[] | null {
  const { identity } = decision.glance;
  const mails = sources.mails(identity);
  if (!mails) return null;
  const waiting = decisions.filter(
    (one) => one.glance.identity === identity && isFor(one, 'email') && !letterOf(one, 'email', letters),
  );
  let current = waiting.shift();
  const own: Mailed[] = [];
  for (const [index, mail] of mails.entries()) {
    const [next] = waiting;
    if (index > 0 && next && (mail.at === null || next.glance.timestamp <= mail.at))
      current = waiting.shift();
    if (current === decision) own.push({ ...mail, again: index > 0 });
  }
  return own;
}

/** One for each copy that the mailbox has. Where it does not say when one came, email may have told. */
function mailSteps(mails: Mailed[], done: Told[], committed: boolean, coordinates: string): Step[] {
  return mails.map(({ at, again }, index) => {
    const entry = done[index - mails.length + done.length];
    const last = index === mails.length - 1;
    const first = again
      ? `again, under the same Message-ID${index === 0 ? ', because the ride was decided twice' : ''}`
      : 'the mail server took it';
    const text = !last
      ? `${first}${again ? ';' : ', and'} its offset was not committed afterwards`
      : !committed
        ? `${first}, and the offset is not committed yet: it may be mailed again, under the same Message-ID`
        : again
          ? `${first}; then the offset was committed`
          : effectText('email', entry?.guarantee ?? null);
    return step('mailed', 'done', at ?? entry?.since ?? entry?.at ?? null, entry?.by, coordinates, text);
  });
}

/** The dead letter that a reader of decisions made of this one. */
const letterOf = (decision: Message, service: 'email' | 'analytics', letters: Message[]) =>
  letters.find(
    ({ glance: { parkedFrom, topic } }) =>
      parkedFrom === coordinatesOf(decision) && topic === deadLetterTopic(service),
  );

function deadLetterStep(letter: Message, told: Told[]): Step {
  const entry = told.find(({ what }) => what === 'dead letter');
  const reason = letter.record.headers.dead_letter_reason ?? 'no reason was given';
  const by = entry?.by ?? null;
  const text = `${letter.record.headers.dead_letter_by ?? 'its reader'} can never process it: ${reason}. It is parked, and the partition goes on`;
  return step(
    'dead letter',
    letter.state === 'open' ? 'open' : 'done',
    letter.glance.timestamp,
    by,
    coordinatesOf(letter),
    text,
  );
}

function decides({ glance: { cause, causeId }, state }: Message, { glance }: Message): boolean {
  if (state === 'aborted') return false;
  const { topic, partition, offset, identity } = glance;
  return cause === `${topic}/${partition}/${offset}` || (causeId ?? identity) === identity;
}

function summaryOf(
  decision: Message | undefined,
  letters: Message[],
  fate: Fate,
  cut: number | null,
): string {
  if (decision) {
    const value = parsed(decision) as Record<string, unknown> | null;
    const verdict = decision.glance.rejected
      ? `rejected, ${value?.reason ?? 'no reason was given'}`
      : `confirmed, ${value?.alloted_driver ?? 'a driver'} in ${value?.pickup_minutes ?? '?'} min`;
    return decision.state === 'open'
      ? `in an open transaction, so readers do not see the decision yet: ${verdict}`
      : verdict;
  }
  if (letters.length > 0) return 'a dead letter: it cannot be processed as it is';
  if (cut && fate !== 'lost' && fate !== 'expired') return 'its decision was not found';
  return {
    lost: 'lost: nobody will decide it',
    expired: 'expired: Kafka deleted it before it was decided',
    passed: 'skipped without a decision: perhaps lost',
    waits: 'not decided yet',
  }[fate];
}

/** What is known of a request that nothing has become of. */
type Fate = 'waits' | 'passed' | 'lost' | 'expired';

function fateOf(requests: Message[], { committed, lost, expired }: Sources): Fate {
  const [first] = requests;
  if (!first) return 'waits';
  const { partition, offset } = first.glance;
  if (lost(partition, offset)) return 'lost';
  if (expired(partition, offset)) return 'expired';
  return committed('transaction', partition) > offset ? 'passed' : 'waits';
}

/** A message as the page shows it. */
function viewOf(message: Message): MessageView {
  const { glance, record, state } = message;
  return {
    coordinates: coordinatesOf(message),
    at: glance.timestamp,
    state,
    key: bytes(record.key),
    headers: record.headers as Record<string, string>,
    value: bytes(record.value),
    parsed: parsed(message),
    cause: glance.cause ?? glance.parkedFrom,
  };
}

function parsed({ record }: Message): unknown {
  try {
    return parseMessage(record.value?.toString() ?? '');
  } catch {
    return null;
  }
}

function bytes(value: Buffer | null): Bytes | null {
  if (value === null) return null;
  const text = value.toString();
  return Buffer.from(text).equals(value) ? { text } : { base64: value.toString('base64') };
}

const ms = (duration: number) => `${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms`;

function step(
  name: Step['name'],
  state: Step['state'],
  at: number | null,
  by: string | null | undefined,
  coordinates: string | null,
  text: string,
): Step {
  return { name, state, at, by: by ?? null, coordinates, text };
}
