/** What a scenario ended with. */
import type { Report } from '../../../infra/check/check.ts';
import type { Entry, Facts } from '../../../infra/check/facts.ts';
import type { Scenario } from './scenario.ts';

/** A crash point that was reached. */
export interface Crash {
  point: string;
  /** Where it happened, as a clause: "the points for ride_details/0/17 are stored". */
  where: string;
}

export interface Outcome {
  /** What is tried. */
  scenario: Scenario;
  /** The verdict of the independent checker. */
  report: Report;
  facts: Facts;
  crashes: Crash[];
  /** Effects that the service began, by the coordinates of their message, by their ride, or by the name of a call. */
  begun: Map<string, number>;
  /** How many offsets it committed. */
  commits: number;
  /** The ids of its transactional producers. */
  transactionalIds: string[];
  /** Keys that the service remembers in its database. */
  remembered: string[];
  /** Rows in the outbox. */
  outbox: number;
  /** Its records on the dead-letter topic. */
  letters: Facts['parked']['transaction']['letters'];
  /** The topic that the service reads. */
  input: string | null;
  /** On that topic, by partition: the offset after the last message, and the committed offset of the service. */
  ends: Map<number, number>;
  committed: Map<number, number>;
  /** The service ended by itself, or never started to read. */
  ended: { how: string; output: string } | null;
  /** It stood still before it had handled everything. */
  stalled: boolean;
  /** The last lines that it printed. */
  output: string;
  /** The number of the booking of a ride, by the ride's identity. */
  numberOf: (identity: string) => number | undefined;
  /** The stored records of a ride. */
  requestsOf: (identity: string) => Entry[];
}
