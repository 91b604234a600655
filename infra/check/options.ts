/** The command line of `npm run check`. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { BadInput } from './bad-input.ts';

export const help = `npm run check     counts what is in Kafka, in the mailbox and in the statistics, and reports what does not add up

  --brokers <list>        Kafka as host:port, several separated by commas (default KAFKA_BROKERS, or localhost:9092)
  --mailbox <address>     address of the mailbox (default http://localhost:1080); "none" skips the mails
  --mails-since <time>    the mailbox no longer has mails from before this time; our own mailbox reports that itself
  --stats <address>       address of analytics (default http://localhost:4003), or the path of its statistics file
                          while analytics is stopped; "none" skips the statistics
  --accepted <path>       file with the accepted rides, one JSON object a line: {"id": ..., "customer_id": ...};
                          add "sent" and "answered" in milliseconds to check the order on the topic too
  --from <time>           checks only messages after this time, such as 2026-01-01T12:00:00Z; skips the statistics
  --wait <seconds>        how long to wait until nothing is in flight, 0 to 3600 (default 0)
  --json                  prints the report as JSON
  --help                  shows this text

A ride in flight is only a violation if it is still in flight after --wait. A message that Kafka deleted before its reader
handled it has expired. It is a violation until the reader's committed offset has passed it. A message that Kafka deleted later
is no longer kept. TLS and login come from the environment, as for the services.
Exits with 0 if there is no violation, with 1 if there is one, and with 2 if it could not check.
`;

const known = {
  brokers: { type: 'string' },
  mailbox: { type: 'string', default: 'http://localhost:1080' },
  'mails-since': { type: 'string' },
  stats: { type: 'string', default: 'http://localhost:4003' },
  accepted: { type: 'string' },
  from: { type: 'string' },
  wait: { type: 'string', default: '0' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsConfig['options'];

export interface Options {
  help: boolean;
  json: boolean;
  brokers: string | undefined;
  mailbox: string | null;
  /** Milliseconds since 1970, as `from`. */
  mailsSince: number | undefined;
  stats: { url: string } | { file: string } | null;
  accepted: string | undefined;
  from: number | undefined;
  /** Milliseconds. */
  wait: number;
}

/** @throws BadInput what is wrong with an option and what is accepted */
export function readOptions(args: string[]): Options {
  const values = parse(args);
  return {
    help: values.help,
    json: values.json,
    brokers: values.brokers,
    mailbox: values.mailbox === 'none' ? null : address('mailbox', values.mailbox),
    mailsSince: time('mails-since', values['mails-since']),
    stats: readStats(values.stats),
    accepted: values.accepted,
    from: time('from', values.from),
    wait: seconds(values.wait) * 1000,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: known, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new BadInput(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
  }
}

function readStats(text: string): Options['stats'] {
  if (text === 'none') return null;
  return /^\w+:\/\//.test(text) ? { url: address('stats', text) } : { file: text };
}

function address(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new BadInput(`--${name} ${text}: must be an address, such as http://localhost:1080, or "none".`);
}

function time(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  throw new BadInput(`--${name} ${text}: must be a time with a time zone, such as 2026-01-01T12:00:00Z.`);
}

function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 3600) return value;
  throw new BadInput(`--wait ${text}: must be a number of seconds from 0 to 3600.`);
}
