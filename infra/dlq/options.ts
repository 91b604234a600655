/** The command line of `npm run dlq`. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { WorkbenchError } from '@rideflow/shared/dead-letters/errors.ts';
import { readers } from '@rideflow/shared/dead-letters/parked.ts';
import { type ReaderName, topology } from '@rideflow/shared/topology.ts';

export const help = `npm run dlq -- <command>     dead letters: messages that their reader could not process

  list                      lists the parked dead letters: coordinates, reader, reason, and source
  show <coordinates>        shows one dead letter: its headers and its original bytes
  replay <coordinates>...   sends dead letters to their reader again; the other readers of that topic skip them
  drop <coordinates>...     marks dead letters as settled without a replay

  --all                     instead of coordinates: every parked dead letter that matches the filters
  --reader <name>           filter: ${readers.join(', ')}
  --topic <name>            filter: a dead-letter topic, or the topic of the original message

  --set <field>=<value>     replay: changes a field of the JSON value; location.lat sets a nested field. A value that is
                            not JSON is text. Can be repeated
  --edit                    replay of one: opens its value in $EDITOR
  --value-file <path>       replay of one: uses the bytes of a file as its value
  --as-is                   replays even what the reader would park again
  --again                   replays even what was already replayed or dropped: email mails it again, analytics counts it again

  --resolved                list: includes what was replayed or dropped
  --json                    prints JSON instead of text
  --brokers <host:port>     Kafka (default KAFKA_BROKERS, or localhost:9092); login and TLS as for the services
  --help                    shows this text

Coordinates are <dead-letter topic>/<partition>/<offset>, as "list" prints them. A dead letter is replayed only once, even if
you repeat the command. Exits with 0 if all of them are replayed or dropped, now or earlier, otherwise with 1.
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

/** The options of each command besides --json, --brokers and --help. */
const accepted: Record<Command, (keyof typeof known)[]> = {
  list: ['reader', 'topic', 'resolved'],
  show: [],
  replay: ['all', 'reader', 'topic', 'set', 'edit', 'value-file', 'as-is', 'again'],
  drop: ['all', 'reader', 'topic'],
};

export type Options = ReturnType<typeof readOptions>;

/** @throws WorkbenchError with what is wrong and what is accepted */
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
      throw new WorkbenchError('"list" takes no coordinates. Use "show" for one dead letter.');
    return;
  }
  if (!all && (reader || topic)) throw new WorkbenchError('--reader and --topic need --all: add --all.');
  if (all && coordinates.length > 0) throw new WorkbenchError('Give either coordinates or --all, not both.');
  if (!all && coordinates.length === 0)
    throw new WorkbenchError(
      `Give the coordinates of a dead letter, as "list" prints them${command === 'show' ? '' : ', or --all'}.`,
    );
  if (command === 'show' && coordinates.length > 1)
    throw new WorkbenchError('"show" takes the coordinates of one dead letter.');
  if ([set.length > 0, edit, file !== undefined].filter(Boolean).length > 1)
    throw new WorkbenchError('Give only one of --set, --edit and --value-file.');
  if ((edit || file !== undefined) && coordinates.length !== 1)
    throw new WorkbenchError('--edit and --value-file change one dead letter: give the coordinates of one.');
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
