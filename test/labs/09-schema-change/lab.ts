/** Lab 9: renames a field by expand, migrate and contract. Each wrong order is caught. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { arbitraryOf } from '../../../infra/compat/arbitrary.ts';
import { published } from '../../../infra/compat/history.ts';
import type { Failure, Lab } from '../engine/lab.ts';
import type { Release } from '../kit.ts';
import { wrong } from './wrong.ts';

type Message = Record<string, unknown>;

const [before, after] = ['alloted_driver', 'assigned_driver'];
const tries = 200;
const newest = published('RideConfirmed').at(-1);
if (!newest) throw new Error('shared/schemas has no version of RideConfirmed');
const { golden, writer } = newest;
const random = arbitraryOf(writer) as fc.Arbitrary<Message>;

export const schemaChange: Lab = {
  number: 9,
  name: 'schema-change',
  title: 'Schema change',
  about: 'rename a field and stop nobody: expand, migrate, contract',
  file: 'releases.ts',
  group: '',
  effects: 'decisions',
  question: {
    ask: 'You rename a field in writers and readers, in one release, by a rolling upgrade. What happens while it lasts?',
    answers: [
      'Nothing. Readers ignore fields that they do not know.',
      'Readers that are not yet replaced cannot read what replaced writers write.',
      'Kafka refuses messages with the new schema.',
    ],
    right: 2,
    because: 'Kafka does not look into messages. A reader ignores the new field, and misses the old one.',
  },
  checks: [
    {
      name: 'the first release is the one that runs today',
      does: `compares what it writes and reads with version ${newest.number} of shared/schemas`,
      run: async (exported) => {
        const releases = exported.default as Release[];
        if (!Array.isArray(releases) || releases.length === 0)
          return { hint: 'today', saw: 'The file exports no list of releases.' };
        const today = releases[0] as Release;
        const message = counterexample((value) =>
          isDeepStrictEqual({ ...written(today, value) }, { ...value }),
        );
        if (message)
          return failure(
            'today',
            `The first release does not write what is written today: ${before} and the other fields.`,
            today,
            message,
          );
        const readable = counterexample(
          (value) => driverIn(value) === null || !understands(today, renamed(value)),
        );
        return (
          readable && {
            hint: 'today',
            saw: `The first release reads ${after}. The readers of today do not know it.`,
            evidence: [['message', JSON.stringify(renamed(readable))]],
          }
        );
      },
    },
    {
      name: 'every release writes all other fields',
      does: 'compares the fields other than that of the driver',
      run: async (exported) => {
        for (const [number, release] of (exported.default as Release[]).entries()) {
          const message = counterexample((value) =>
            isDeepStrictEqual(others(written(release, value)), others(value)),
          );
          if (message)
            return failure(
              'other-fields',
              `Release ${number + 1} loses or changes fields other than that of the driver.`,
              release,
              message,
            );
        }
        return null;
      },
    },
    {
      name: 'the last release knows only the new name',
      does: `looks for ${before} in what the last release writes and reads`,
      run: async (exported) => {
        const releases = exported.default as Release[];
        const number = releases.length - 1;
        const last = releases[number] as Release;
        const renames = (value: Message) => {
          const found = written(last, value);
          return !(before in found) && after in found && !understands(last, { ...value });
        };
        const message = counterexample(renames);
        if (message && !counterexample((value) => driverIn(value) === null || renames(value)))
          return {
            hint: 'null-for-missing',
            saw: `Your last reader gives null instead of an error for a message without ${after}.`,
            evidence: [['message', JSON.stringify(message)]],
          };
        return (
          message &&
          failure(
            'not-renamed',
            `Release ${number + 1}, the last one, still knows ${before}, or does not write ${after}.`,
            last,
            message,
          )
        );
      },
    },
    {
      name: 'old readers understand new writers',
      does: 'the rolling upgrade to each release: writers are replaced before readers',
      run: async (exported) =>
        pairs(exported, (reader, writer, from, to) =>
          misread(
            reader,
            writer,
            'old-readers',
            `Readers of release ${from} cannot read what writers of release ${to} write`,
          ),
        ),
    },
    {
      name: 'new readers understand old writers',
      does: 'the rolling upgrade to each release: readers are replaced before writers',
      run: async (exported) =>
        pairs(exported, (writer, reader, from, to) =>
          misread(
            reader,
            writer,
            'new-readers',
            `Readers of release ${to} cannot read what writers of release ${from} still write`,
          ),
        ),
    },
    {
      name: 'every reader understands everything that Kafka keeps',
      does: 'replay: each release reads the messages of all releases before it that are still kept',
      run: async (exported) => replay(exported.default as Release[]),
    },
    {
      name: 'no release waits without need',
      does: 'replay again, each time without one of the waits for the retention time',
      run: async (exported) => {
        const releases = exported.default as Release[];
        for (const [number, { afterRetention, ...atOnce }] of releases.entries())
          if (afterRetention && !replay(releases.with(number, atOnce)))
            return {
              hint: 'waits',
              saw: `Release ${number + 1} waits for the retention time, but its readers understand the older messages anyway.`,
            };
        return null;
      },
    },
  ],
  hints: {
    today: [
      'The first release of the list must stay as it is. It runs today, on machines that you cannot change any more.',
      'You can only add releases after it.',
      'Leave `today` as the first element of the list.',
    ],
    'not-renamed': [
      'Look at the last release of your list. Which names does its writer use, and which ones its reader?',
      'The aim is a last release that writes and reads only assigned_driver. Add it, with the releases that lead there.',
      "Its writer is `({ ...rest, assigned_driver: driver })`, its reader is `field(message, 'assigned_driver')`. Which releases must come before it?",
    ],
    'null-for-missing': [
      'Look at the message. Does it have the field that your last reader looks for?',
      'It has not, and your reader answers null: "rejected". A reader that hides a missing field turns a confirmed ride into a rejected one.',
      "Let it throw an error: `field(message, 'assigned_driver')`.",
    ],
    'other-fields': [
      'Look at the message. Which fields does a message have today?',
      'Only the field of the driver gets another name. The readers still need all others.',
      'Begin what the writer returns with `...rest`.',
    ],
    waits: [
      'Which messages would the readers of this release misread if it started at once?',
      'None. A wait for the retention time costs days. It is needed only where readers forget a name.',
      'Remove `afterRetention: true` from this release.',
    ],
    'old-readers': [
      'Look at the message and at the reader. Which field does the reader look for?',
      'Writers may use a new name only when *all* readers already understand it. That takes a release of its own.',
      'Expand first: a release that still writes alloted_driver and reads both names. Only the release after it writes assigned_driver.',
    ],
    'new-readers': [
      'While this upgrade lasts, the old writers still run. Which name do they use?',
      'Readers may forget the old name only when *no* writer uses it any more. That takes a release of its own.',
      'Change writers in one release (migrate), and take the old name from the readers in a later one (contract).',
    ],
    retention: [
      'Nobody writes such a message any more. Where does it come from?',
      'Kafka still keeps it. A reader that is reset reads it again, and it does not understand it.',
      'Before the readers forget the old name, wait until the old messages are gone: `afterRetention: true` at that release.',
    ],
    rejected: [
      'Look at the ride in the message. Was it confirmed?',
      'A rejected ride has no driver: its field is there and is null. Your reader treats null as missing.',
      'Look for a field that is there, whatever its value: `name in message`.',
    ],
  },
  holds:
    'Expand: readers learn the new name while writers use the old one. Migrate: writers change when every reader knows both. Contract: readers forget the old name when no writer uses it and no kept message has it. At each moment, every reader understands every message.',
  open: "The tutorials' scripts write alloted_driver, and nobody can release those. That is why rideflow still has the name. A topic with infinite retention or compaction never reaches the last step; there, a new topic is the way.",
  starter: 'not-renamed',
  wrong,
};

/** A message as a release writes it. @param value a message of the published version */
function written({ write }: Release, value: Message): Message {
  const { [before as string]: driver, ...rest } = value;
  return write(rest, driver as string | null);
}

/** A message with only the new name. */
const renamed = ({ [before as string]: driver, ...rest }: Message): Message => ({
  ...rest,
  [after as string]: driver,
});

/** All fields except for that of the driver. */
const others = ({ [before as string]: _, [after as string]: __, ...rest }: Message): Message => rest;

/** Each release reads the messages of all releases before it that are still kept. */
function replay(releases: Release[]): Failure | null {
  let oldest = 0;
  for (const [number, release] of releases.entries()) {
    if (release.afterRetention) oldest = Math.max(0, number - 1);
    for (let earlier = oldest; earlier < number; earlier++) {
      const found = misread(
        release,
        releases[earlier] as Release,
        'retention',
        `Readers of release ${number + 1} cannot read a kept message of release ${earlier + 1}`,
      );
      if (found) return found;
    }
  }
  return null;
}

const driverIn = (value: Message) => value[before as string] as string | null;

function understands({ read }: Release, message: Message): boolean {
  try {
    return read(message) === driverIn(message);
  } catch {
    return false;
  }
}

/** The smallest message of the published version for which this does not hold. */
function counterexample(holds: (value: Message) => boolean): Message | null {
  const found = golden.find(({ value }) => !holds(value))?.value;
  const property = fc.property(random, holds);
  return found ?? fc.check(property, { numRuns: tries, seed: 1 }).counterexample?.[0] ?? null;
}

/** A message of the writer that the reader cannot read, or reads wrongly. */
function misread(reader: Release, writer: Release, hint: string, what: string): Failure | null {
  const problem = (value: Message): string | null => {
    try {
      const driver = reader.read(written(writer, value));
      return driver === driverIn(value)
        ? null
        : `it reads the driver ${driver} instead of ${driverIn(value)}`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const message = counterexample((value) => problem(value) === null);
  if (!message) return null;
  const confirmed = golden.filter(({ value }) => driverIn(value) !== null);
  const onlyRejected = driverIn(message) === null && confirmed.every(({ value }) => problem(value) === null);
  return failure(onlyRejected ? 'rejected' : hint, `${what}: ${problem(message)}.`, writer, message);
}

const failure = (hint: string, saw: string, writer: Release, message: Message): Failure => ({
  hint,
  saw,
  evidence: [['message', JSON.stringify(written(writer, message))]],
});

/** Each release and the next one; releases are counted from 1. */
function pairs(
  exported: Record<string, unknown>,
  judge: (before: Release, after: Release, from: number, to: number) => Failure | null,
): Failure | null {
  const releases = exported.default as Release[];
  for (let number = 1; number < releases.length; number++) {
    const found = judge(releases[number - 1] as Release, releases[number] as Release, number, number + 1);
    if (found) return found;
  }
  return null;
}
