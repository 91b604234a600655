/** Reads mails, statistics and accepted rides for the command line. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { linesOf } from '@rideflow/shared/text-file.ts';
import { BadInput } from './bad-input.ts';
import type { Accepted, FiguresSeen, MailSeen, StatisticsSeen } from './check.ts';

interface MailDevMail {
  messageId?: string;
  headers: Record<string, string | undefined>;
}

/**
 * The mails of a MailDev, and the time since which it has every mail. @param forgottenBefore that time, if the caller knows it
 */
export function mailbox(url: string, forgottenBefore = 0) {
  let since = forgottenBefore;
  return {
    async mails(): Promise<MailSeen[]> {
      const response = await ask(`${url}/email`, 'the mailbox');
      since = Math.max(forgottenBefore, Date.parse(response.headers.get('x-complete-since') ?? '') || 0);
      const mails = (await response.json()) as MailDevMail[];
      return mails.flatMap(({ messageId, headers }) => {
        const rideId = headers['x-ride-id'];
        const id = headers['message-id'] ?? messageId;
        return rideId === undefined || id === undefined ? [] : [{ messageId: id, rideId }]; // not from this system
      });
    },
    mailsSince: () => since,
  };
}

/** The whole answer of analytics, including its minutes. */
export async function askForStatistics(url: string): Promise<StatisticsSeen> {
  return (await ask(`${url}/stats?top=2000&minutes=120`, 'analytics')).json() as Promise<StatisticsSeen>;
}

/** The statistics file on disk. @throws BadInput while analytics has it open, or when it is not a statistics file */
export function readStatisticsFile(path: string): StatisticsSeen {
  if (!existsSync(path)) throw new BadInput(`The statistics file ${path} does not exist.`);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    database.exec('BEGIN'); // one snapshot of both tables
    const tallies = database.prepare('SELECT * FROM tallies').all() as unknown as Tally[];
    const offsets = database.prepare('SELECT partition, next FROM offsets').all();
    const of = (scope: string) => tallies.filter((tally) => tally.scope === scope);
    const named = of('driver').filter(({ key }) => key !== '(others)');
    return {
      overall: figures(of('all')[0]),
      drivers: {
        top: named.map((tally) => ({ driver: tally.key, ...figures(tally) })),
        others: figures(of('driver').find(({ key }) => key === '(others)')),
      },
      minutes: of('minute').map((tally) => ({
        start: new Date(Number(tally.key)).toISOString(),
        ...figures(tally),
      })),
      next_offsets: Object.fromEntries(
        offsets.map(({ partition, next }) => [String(partition), String(next)]),
      ),
    };
  } catch (error) {
    const { message } = error as Error;
    const why = /locked/.test(message)
      ? 'analytics has it open. Use --stats with its address instead'
      : message;
    throw new BadInput(`The statistics file ${path} cannot be read: ${why}.`);
  } finally {
    database?.close();
  }
}

interface Tally {
  scope: string;
  key: string;
  rides: number;
  rejected: number;
  timed: number;
  minutes_sum: number;
  minutes_max: number;
}

const figures = (tally: Tally | undefined): FiguresSeen => ({
  rides: tally?.rides ?? 0,
  rejected: tally?.rejected ?? 0,
  average_pickup_minutes: tally?.timed ? tally.minutes_sum / tally.timed : null,
  max_pickup_minutes: tally?.timed ? tally.minutes_max : null,
});

/** @throws BadInput with the first line that is not a ride */
export async function readAccepted(path: string): Promise<Accepted[]> {
  if (!existsSync(path)) throw new BadInput(`The file ${path} does not exist.`);
  const rides: Accepted[] = [];
  let number = 0;
  try {
    for await (const line of linesOf(path)) {
      number++;
      if (line.trim() !== '') rides.push(toAccepted(line, `line ${number} of ${path}`));
    }
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(`${path} cannot be read: ${(error as Error).message}.`);
  }
  return rides;
}

function toAccepted(line: string, where: string): Accepted {
  let ride: Partial<Accepted> | null = null;
  try {
    ride = JSON.parse(line);
  } catch {}
  const { id, customer_id, sent, answered } = ride ?? {};
  if (typeof id !== 'string' || typeof customer_id !== 'string')
    throw new BadInput(
      `${where} is not a ride. Each line must look like {"id": "...", "customer_id": "..."}.`,
    );
  const timed = typeof sent === 'number' && typeof answered === 'number';
  return { id, customer_id, ...(timed && { sent, answered }) };
}

async function ask(url: string, what: string): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) }).catch((error) => {
    throw new Error(`${what} does not answer at ${url}: ${error.cause?.message ?? error.message}`);
  });
  if (!response.ok) throw new Error(`${what} answers ${response.status} at ${url}`);
  return response;
}
