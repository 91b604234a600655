/** What a lesson can do to the system: the same requests as the controls of the page send. */
import type { DeadLetterView } from '../../../src/protocol.ts';
import type { Action, Desk, Pace } from './lesson.ts';
import { isHeld, living } from './signs.ts';

interface Given {
  customer_id?: string;
  payment_token?: string;
}

/** Books a ride; the page follows it. */
export const book =
  (given: Given = {}): Action =>
  async (desk) =>
    desk.follow(await booked(desk, given));

/** How often a ride that was not booked is asked for again, and the pause before each, in milliseconds. */
const again = { times: 40, after: 250 };

/** The same a moment after Kafka is back, when rides may not have connected again. It asks only for what was surely not booked. */
export const bookWhenBack: Action = async (desk) => {
  for (let tries = 1; ; tries++) {
    try {
      return desk.follow(await booked(desk, {}));
    } catch (error) {
      const notBooked = (error as Error).message.includes('The ride was not booked');
      if (!notBooked || tries > again.times) throw error;
      await new Promise((resolve) => setTimeout(resolve, again.after));
    }
  }
};

/** Books a ride that rides must answer with 503, because Kafka is away. It may be stored all the same when Kafka is back. */
export const bookInVain: Action = async (desk) => {
  try {
    await booked(desk, {});
  } catch (error) {
    if ((error as { status?: number }).status !== 503) throw error;
    return desk.refuse(`503: ${(error as Error).message}`);
  }
  throw new Error('rides answered 202 although Kafka is away.');
};

async function booked(desk: Desk, given: Given) {
  const { ride, stored } = await desk.ask<{
    ride: { id: string };
    stored: { partition: number; offset: string };
  }>('POST', '/controls/book', given);
  return { ride: ride.id, partition: stored.partition, offset: Number(stored.offset) };
}

const asks =
  (method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Action =>
  async (desk) =>
    void (await desk.ask(method, `/controls${path}`, body));

/** Books so many rides a second until it is stopped. */
export const stream = (rate: number, { keys }: { keys: boolean }) => asks('PUT', '/stream', { rate, keys });
export const stopStream = asks('DELETE', '/stream');

/** All processes of a service work at this pace. */
export const pace = (service: string, change: Partial<Pace> = {}) =>
  asks('PUT', `/pace/${service}`, { delay: 0, paused: false, step: false, ...change });
/** The message that has waited longest goes one step further. */
export const step = (service: string) => asks('POST', `/step/${service}`);

/** For what only shows something in an open transaction. One that is held commits by itself after some minutes. */
export const expectOpen =
  (service: string): Action =>
  async (desk) => {
    if (!isHeld(desk.seen().now, service, 'in the open transaction'))
      throw new Error(
        'The transaction is not open any more: a step has committed it, or it did so by itself.',
      );
  };

/** One process of a service dies at this place, at the next message. */
export const dieAt = (service: string, place: string) => asks('PUT', `/crash/${service}`, { at: place });

export const start = (service: string) => asks('POST', `/processes/${service}`);
export const stop = (service: string) => ending(service, 'stop');
/** As `kill -9`: it finishes nothing. */
export const kill = (service: string) => ending(service, 'kill');

/** Of several, the one that was started last. */
const ending =
  (service: string, how: 'stop' | 'kill'): Action =>
  async (desk) => {
    const id = encodeURIComponent(oneOf(desk, service).id);
    await desk.ask('DELETE', `/controls/processes/${id}?how=${how}`);
  };

function oneOf(desk: Desk, service: string) {
  const one = living(desk.seen().now, service).at(-1);
  if (one) return one;
  throw new Error(`No process of ${service} runs just now.`);
}

/** SIGSTOP: it keeps its connections and does nothing. */
export const freeze =
  (service: string): Action =>
  async (desk) =>
    void (await desk.ask('PUT', '/controls/frozen', { process: oneOf(desk, service).id }));
/** Everything that is frozen goes on. */
export const thaw = asks('DELETE', '/frozen');

/** As `kill -9` of all brokers. */
export const killKafka = asks('DELETE', '/broker');
export const startKafka = asks('PUT', '/broker');

/** Deletes what this lesson has booked last, and everything before it on that partition, as retention does. */
export const expireBooked: Action = async (desk) => {
  const last = desk.seen().booked.at(-1);
  if (!last) throw new Error('This lesson has booked nothing yet.');
  const { partition, offset } = last;
  await desk.ask('POST', '/controls/expire', { topic: 'ride_details', partition, before: offset + 1 });
};

export const mail = (fault: string) => asks('PUT', '/mail', { fault });

/** Writes a message that no reader can process. */
export const poison = (kind: string, topic = 'ride_details') => asks('POST', '/poison', { kind, topic });

/** Replays the newest dead letter of a reader with another value. */
export const replay =
  (reader: string, value: object): Action =>
  async (desk) => {
    const letters = await desk.ask<DeadLetterView[]>('GET', '/dead-letters');
    const letter = letters.find((one) => one.reader === reader && !one.resolved);
    if (!letter) throw new Error(`${reader} has no dead letter to replay.`);
    const edit = { text: JSON.stringify(value) };
    await desk.ask('POST', '/controls/dead-letters/replay', { coordinates: [letter.coordinates], edit });
  };
