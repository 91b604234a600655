/** The dead-letter workbench for the page: the same code as the `dlq` command. */
import { WorkbenchError } from '@rideflow/shared/dead-letters/errors.ts';
import { bytesJson } from '@rideflow/shared/dead-letters/json.ts';
import type { DeadLetter } from '@rideflow/shared/dead-letters/parked.ts';
import {
  openWorkbench,
  type ReplayOptions,
  type Workbench,
} from '@rideflow/shared/dead-letters/workbench.ts';
import { Problem } from '@rideflow/shared/http/problem.ts';
import type { Client } from '@rideflow/shared/kafka/client/connect.ts';
import { parseMessage } from '@rideflow/shared/message-json.ts';
import { Once } from '@rideflow/shared/once.ts';
import { formatCoordinates, type RawRecord } from '@rideflow/shared/reading.ts';
import type { DeadLetterView } from '../protocol.ts';
import { notAllowed } from './not-allowed.ts';

/** Of all dead letters in one list, in bytes; those of the letters behind are asked for one by one. */
const mostBytes = 4_000_000;

export interface Letters {
  /** Parked first, then settled; in each part the newest first. @throws Problem when Kafka does not answer */
  list(): Promise<DeadLetterView[]>;
  /** @throws Problem also when there is none at these coordinates */
  show(coordinates: string): Promise<DeadLetterView>;
  /** @throws Problem which of them were refused, and why; the others are done */
  settle(how: 'replay' | 'drop', coordinates: string[], options?: ReplayOptions): Promise<void>;
  close(): Promise<void>;
}

/** Kafka is asked when somebody looks, over a connection that is opened then. */
export function createLetters(client: Client): Letters {
  const connection = new Once(() => openWorkbench(client));
  let listing: Promise<DeadLetterView[]> | null = null;

  /** @param status of the problem, where the workbench says in words what is wrong */
  async function using<T>(status: number, use: (workbench: Workbench) => Promise<T>): Promise<T> {
    const workbench = await connection.get().catch((error: Error) => {
      const refusal = notAllowed(error, 'read dead letters');
      if (refusal) throw refusal;
      throw new Problem(
        503,
        `Kafka does not answer, so nothing is known of dead letters (${error.message}).`,
      );
    });
    try {
      return await use(workbench);
    } catch (error) {
      if (error instanceof Problem) throw error;
      const { message } = error as Error;
      if (error instanceof WorkbenchError) throw new Problem(status, message);
      const refusal = notAllowed(error, 'do this with dead letters');
      if (refusal) throw refusal;
      connection.take(); // the next one begins with a new connection
      workbench.close().catch(() => {});
      throw new Problem(503, `Kafka does not answer (${message}).`);
    }
  }

  async function read(workbench: Workbench): Promise<DeadLetterView[]> {
    const letters = (await workbench.list({ resolved: true })).sort(newestFirst);
    let bytes = 0;
    const whole = letters.filter((letter) => {
      bytes += letter.size;
      return bytes <= mostBytes;
    });
    const records = await workbench.records(whole);
    return letters.map((letter) => view(letter, records.get(formatCoordinates(letter.coordinates))));
  }

  return {
    list() {
      listing ??= using(503, read).finally(() => {
        listing = null;
      });
      return listing;
    },
    show: (coordinates) =>
      using(404, async (workbench) => {
        const { letter, record } = await workbench.show(coordinates);
        return view(letter, record);
      }),
    settle: (how, coordinates, options) =>
      using(409, async (workbench) => {
        const outcomes = await workbench[how](coordinates, options);
        const refused = outcomes.filter(({ outcome }) => outcome === 'refused');
        if (refused.length === 0) return;
        const told = refused
          .slice(0, 3)
          .map(({ letter, reason }) => `${formatCoordinates(letter.coordinates)}: ${reason}`);
        const more = refused.length > told.length ? `, and ${refused.length - told.length} more` : '';
        throw new Problem(
          409,
          `${refused.length} of ${outcomes.length} not done. ${told.join('; ')}${more}.`,
        );
      }),
    async close() {
      const workbench = await connection.take()?.catch(() => null);
      await workbench?.close();
    },
  };
}

const newestFirst = (a: DeadLetter, b: DeadLetter) =>
  Number(a.resolved !== null) - Number(b.resolved !== null) || b.parkedAt.localeCompare(a.parkedAt);

function view(letter: DeadLetter, record: RawRecord | undefined): DeadLetterView {
  const { coordinates, reader, reason, from, parkedAt, resolved, truncated, bytes } = letter;
  return {
    coordinates: formatCoordinates(coordinates),
    reader,
    reason,
    from: from ?? '',
    at: parkedAt,
    ride: rideIn(record?.value ?? null),
    resolved: resolved && { by: resolved.by, at: resolved.at, as: resolved.as },
    key: bytesJson(record?.key),
    value: bytesJson(record?.value),
    bytes,
    truncated,
    headers: headersOf(record),
  };
}

function headersOf(record: RawRecord | undefined): Record<string, string> {
  const all = Object.entries(record?.headers ?? {});
  return Object.fromEntries(all.map(([name, value]) => [name, [value].flat().map(String).join(', ')]));
}

/** The id of its ride, where its value has one. */
function rideIn(value: Buffer | null): string | null {
  try {
    const { id } = parseMessage(String(value)) as { id?: unknown };
    return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
  } catch {
    return null;
  }
}
