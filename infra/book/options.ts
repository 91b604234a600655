/** The command line of `npm run book`. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { BadInput } from './file.ts';

export const help = `npm run book -- --file <path> | --random <count>   sends rides to the rides service

  --file <path>        a JSON array of rides, such as infra/sample-rides.json
  --random <count>     the number of random rides, 1 to 1000000
  --seed <text>        the same seed gives the same random rides (default 1)
  --rate <number>      rides per second, 0.1 to 10000 (default 50)
  --concurrency <n>    the most requests in flight at once, 1 to 1000 (default 64)
  --url <address>      the address of the rides service (default http://localhost:4000)
  --patience <seconds> how long to retry each ride while the service is unavailable, 0 to 3600 (default 30)
  --help               shows this text

Each ride has its own Idempotency-Key, so a retry never books it twice. Ctrl-C stops and shows the summary so far.
Exits with 0 if every ride was accepted, otherwise with 1.
`;

export interface Options {
  help: boolean;
  source: { file: string } | { random: number };
  seed: string;
  rate: number;
  concurrency: number;
  url: string;
  /** Milliseconds. */
  patience: number;
}

const known = {
  file: { type: 'string' },
  random: { type: 'string' },
  seed: { type: 'string', default: '1' },
  rate: { type: 'string', default: '50' },
  concurrency: { type: 'string', default: '64' },
  url: { type: 'string', default: 'http://localhost:4000' },
  patience: { type: 'string', default: '30' },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsConfig['options'];

/** @throws BadInput what is wrong with an option and what is accepted */
export function readOptions(args: string[]): Options {
  const values = parse(args);
  return {
    help: values.help,
    source: values.help ? { random: 0 } : readSource(values.file, values.random),
    seed: values.seed,
    rate: number('rate', values.rate, 0.1, 10_000),
    concurrency: whole('concurrency', values.concurrency, 1, 1000),
    url: address(values.url),
    patience: number('patience', values.patience, 0, 3600) * 1000,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: known, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new BadInput(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
  }
}

function readSource(file: string | undefined, random: string | undefined): Options['source'] {
  if (file !== undefined && random !== undefined)
    throw new BadInput('Give either --file or --random, not both.');
  if (file !== undefined) return { file };
  if (random !== undefined) return { random: whole('random', random, 1, 1_000_000) };
  throw new BadInput('Choose the rides: --file <path> or --random <count>. --help lists all options.');
}

function number(name: string, text: string, min: number, max: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new BadInput(`--${name} ${text}: must be a number from ${min} to ${max}.`);
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new BadInput(`--${name} ${text}: must be a whole number from ${min} to ${max}.`);
}

function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new BadInput(`--url ${text}: must be an address such as http://localhost:4000.`);
}
