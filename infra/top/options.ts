/** The command line of `npm run top`. */
import { parseArgs } from 'node:util';
import { WorkbenchError } from '@rideflow/shared/dead-letters/errors.ts';

export const help = `npm run top     shows consumer groups, lag, rates and dead letters, live; Ctrl-C ends it

  --once                 prints it once and ends, as it always does without a terminal
  --every <seconds>      how often it reads Kafka, 1 to 60 (default 2)
  --brokers <host:port>  Kafka (default KAFKA_BROKERS, or localhost:9092); login and TLS as for the services
  --help                 shows this text

It reads everything from Kafka: no service has to run, and nothing is written or committed. Lag and rates count offsets. On
ride_confirmed, the markers of transactions take offsets too. "no members!" and "no group!" mean that messages wait and nobody
reads them. The worst partition is the one with the most messages that wait.
`;

export interface Options {
  help: boolean;
  once: boolean;
  /** Milliseconds. */
  every: number;
  brokers: string | undefined;
}

/** @throws WorkbenchError what is wrong with an option and what is accepted */
export function readOptions(args: string[]): Options {
  const { help, once, every, brokers } = parse(args);
  const seconds = /^\d+(\.\d+)?$/.test(every) ? Number(every) : Number.NaN;
  if (!(seconds >= 1 && seconds <= 60))
    throw new WorkbenchError(`--every ${every}: must be a number of seconds from 1 to 60.`);
  return { help, once, every: seconds * 1000, brokers };
}

function parse(args: string[]) {
  const options = {
    once: { type: 'boolean', default: false },
    every: { type: 'string', default: '2' },
    brokers: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new WorkbenchError(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
  }
}
