/**
 * Whether readers and writers of different versions understand each other. A published schema is closed and a reader is tolerant, so
 * each is taken in its role: what a *writer* can write must be accepted by the open view of a *reader*. Two closed schemas side by side
 * would call an optional field that was added a break, which it is not.
 */
import { read } from '@rideflow/shared/reading.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { arbitraryOf } from './arbitrary.ts';
import { current, type MessageName, messages, type Schema, type Version } from './history.ts';
import { knownFor } from './known-breaks.ts';

/** Why a version cannot be run beside another one, with a message that shows it. */
export interface Break {
  message: MessageName;
  rule: Rule;
  /** The published version that does not go together with the code as it is now. */
  version: number;
  reader: string;
  writer: string;
  /** JSON pointer of the field that is refused; empty: the whole message. */
  path: string;
  /** What the reader says. */
  why: string;
  /** The smallest message that was found. */
  counterexample: unknown;
}
/** `replay`: today's readers, a version's writers. `rolling upgrade`: a version's readers, today's writers. */
export type Rule = 'replay' | 'rolling upgrade';

/** Random messages for each pair of a writer and a reader, beside the golden ones. */
const tries = 300;
/** The same messages each time, so that a result can be repeated. */
const seed = 1;

/** Every break between the published versions of a message and the code as it is now. */
export function judge(message: MessageName, versions: Version[], now = current(message)): Break[] {
  const { readers } = messages[message];
  return versions.flatMap(({ number: version, writer, reader, golden }) => {
    const values = golden.map(({ value }) => value);
    const pairs = [
      {
        rule: 'replay' as const,
        reader: `${readers}, as they are now`,
        writer: `version ${version}`,
        found: refused(writer, values, 'replay', (value) => refusalNow(message, value)),
      },
      {
        rule: 'rolling upgrade' as const,
        reader: `${readers}, of version ${version}`,
        writer: 'the code as it is now',
        found: refused(now.writer, [], 'rolling upgrade', refusalOf(reader)),
      },
    ];
    return pairs.flatMap(({ found, ...pair }) => (found ? [{ message, version, ...pair, ...found }] : []));

    function refused(schema: Schema, golden: unknown[], rule: Rule, refusal: Judgement) {
      const known = knownFor({ message, rule, version });
      const judged = (value: unknown) =>
        !known.some(({ concerns }) => concerns(value as Record<string, unknown>));
      const holds = (value: unknown) => !judged(value) || refusal(value) === null;
      const counterexample =
        golden.find((value) => !holds(value)) ??
        fc.check(fc.property(arbitraryOf(schema), holds), { numRuns: tries, seed }).counterexample?.[0];
      const said = counterexample === undefined ? null : refusal(counterexample);
      return said && { ...said, counterexample };
    }
  });
}

/** Which field a reader refuses and why; null: it accepts the message. */
type Judgement = (value: unknown) => { path: string; why: string } | null;

/** What the readers of this code say. */
function refusalNow(message: MessageName, value: unknown): ReturnType<Judgement> {
  const record = {
    key: null,
    value: Buffer.from(JSON.stringify(value)),
    offset: '0',
    timestamp: '1700000000000',
  };
  try {
    read(messages[message].topic, 0, record);
    return null;
  } catch (error) {
    const why = (error as Error).message;
    return { path: `/${why.split(':')[0]?.replaceAll('.', '/')}`, why };
  }
}

/** What the stored view of a reader says. */
function refusalOf(reader: Schema): Judgement {
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(reader);
  return (value) => {
    if (check(value)) return null;
    const [error] = check.errors ?? [];
    return { path: error?.instancePath ?? '', why: error?.message ?? 'is refused' };
  };
}
