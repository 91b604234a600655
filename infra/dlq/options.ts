/** The command line of `npm run dlq`. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { WorkbenchError } from '@rideflow/shared/dead-letters/errors.ts';
import { readers } from '@rideflow/shared/dead-letters/parked.ts';
import { type ReaderName, topology } from '@rideflow/shared/topology.ts';

export const help = `npm run dlq -- <command>     dead letters: messages that their reader could not process

  list                      what is parked: its coordinates, whose it is, why, where it came from
  show <coordinates>        one dead letter: its headers and its original bytes
  replay <coordinates>...   sends them to their own reader again; the other readers of that topic pass them over
  drop <coordinates>...     marks them as settled: they are parked no more

  --all                     in place of coordinates: all that is parked, within the filters
  --reader <name>           filter: ${readers.join(', ')}
  --topic <name>            filter: a dead-letter topic, or the topic that they came from

  --set <field>=<value>     before a replay, changes a field of a JSON value; location.lat for one inside another. The value is
                            JSON; what is not JSON is taken as text. Can be repeated
  --edit                    before a replay of one, opens its value in $EDITOR
  --value-file <path>       replays one with the bytes of a file as its value
  --as-is                   replays also what the reader would only park again
  --again                   replays also what was replayed or dropped before: email mails it again, analytics counts it again

  --resolved                lists also what was replayed or dropped
  --json                    prints data instead of text
  --brokers <host:port>     Kafka (default KAFKA_BROKERS, or localhost:9092); login and TLS as for the services
  --help                    this text

Coordinates are <dead-letter topic>/<partition>/<offset>, as "list" prints them. A dead letter is replayed once, however often
the command is repeated. Ends with 0 when all were replayed or dropped, now or before, else with 1.
`;

const known = {
  all: { type: 'boolean', default: false },
  reader: { type: 'string' },
  topic: { type: 'string' },
  set: { type: 'string', multiple: true, default: [] },
  edit: { type: 'boolean', default: false },
  'value-file': { type: 'string' },
  'as-is': { type: 'boolean', default: false },
  again: { type: 'boolean', default: false },
  resolved: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  brokers: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsConfig['options'];

const commands = ['list', 'show', 'replay', 'drop'] as const;
type Command = (typeof commands)[number];

/** Which options a command takes beside --json, --brokers and --help. */
const accepted: Record<Command, (keyof typeof known)[]> = {
  list: ['reader', 'topic', 'resolved'],
  show: [],
  replay: ['all', 'reader', 'topic', 'set', 'edit', 'value-file', 'as-is', 'again'],
  drop: ['all', 'reader', 'topic'],
};

export type Options = ReturnType<typeof readOptions>;

/** @throws WorkbenchError what is wrong and what is accepted */
export function readOptions(args: string[]) {
  const { values, positionals } = parse(args);
  const [command = 'list', ...coordinates] = positionals as [Command, ...string[]];
  if (values.help) return { ...values, reader: undefined, command, coordinates };
  if (!commands.includes(command))
    throw new WorkbenchError(`${command}: must be ${commands.join(', ')}. --help lists what is accepted.`);
  for (const [name, value] of Object.entries(values)) {
    const given = Array.isArray(value) ? value.length > 0 : value !== false && value !== undefined;
    if (
      given &&
      !['json', 'brokers'].includes(name) &&
      !accepted[command].includes(name as keyof typeof known)
    )
      throw new WorkbenchError(`"${command}" does not take --${name}. --help lists what is accepted.`);
  }
  expectOneWay(command, coordinates, values);
  return {
    ...values,
    reader: readerNamed(values.reader),
    topic: topicNamed(values.topic),
    command,
    coordinates,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: known, strict: true, allowPositionals: true });
  } catch (error) {
    throw new WorkbenchError(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
  }
}

type Values = ReturnType<typeof parse>['values'];

function expectOneWay(command: Command, coordinates: string[], values: Values) {
  const { all, reader, topic, set, edit, 'value-file': file } = values;
  if (command === 'list') {
    if (coordinates.length > 0)
      throw new WorkbenchError('"list" takes no coordinates: "show" shows one dead letter.');
    return;
  }
  if (!all && (reader || topic))
    throw new WorkbenchError('--reader and --topic filter what --all means: add --all.');
  if (all && coordinates.length > 0) throw new WorkbenchError('Give either coordinates or --all, not both.');
  if (!all && coordinates.length === 0)
    throw new WorkbenchError(
      `Say which: coordinates, as "list" prints them${command === 'show' ? '' : ', or --all'}.`,
    );
  if (command === 'show' && coordinates.length > 1) throw new WorkbenchError('"show" shows one dead letter.');
  if ([set.length > 0, edit, file !== undefined].filter(Boolean).length > 1)
    throw new WorkbenchError('Give one of --set, --edit and --value-file.');
  if ((edit || file !== undefined) && coordinates.length !== 1)
    throw new WorkbenchError('--edit and --value-file are for one dead letter: give its coordinates alone.');
}

function readerNamed(name: string | undefined): ReaderName | undefined {
  const reader = readers.find((reader) => reader === name);
  if (name === undefined || reader) return reader;
  throw new WorkbenchError(`--reader ${name}: must be ${readers.join(', ')}.`);
}

function topicNamed(name: string | undefined): string | undefined {
  const topics = new Set(
    readers.flatMap((reader) => [topology[reader].reads, `${topology[reader].reads}.${reader}.dlq`]),
  );
  if (name === undefined || topics.has(name)) return name;
  throw new WorkbenchError(`--topic ${name}: must be ${[...topics].join(', ')}.`);
}
