/** Compares the statistics with a recount of ride_confirmed. The recount is a second implementation on purpose. */
import type { FiguresSeen, StatisticsSeen, Table } from './check.ts';
import { keptFrom } from './expired.ts';
import type { Decision, Facts } from './facts.ts';
import type { Findings } from './findings.ts';
import { at, parkedPlaces } from './mails.ts';
import { list, place } from './places.ts';

type StatisticsTable = Pick<Table, 'counted' | 'countsInFlight' | 'countsDeadLettered'>;

export function checkStatistics(
  facts: Facts,
  findings: Findings,
  inFlightIsWrong: boolean,
): { table: StatisticsTable; notes: string[] } {
  const { statistics } = facts;
  const table = { counted: statistics?.overall.rides ?? 0, countsInFlight: 0, countsDeadLettered: 0 };
  if (!statistics) return { table, notes: [] };
  if ([...facts.starts.ride_confirmed.values()].some((start) => start > 0))
    return {
      table,
      notes: ['The statistics were not recounted: ride_confirmed was not read from its first message.'],
    };
  const counted: Decision[] = [];
  const open: Decision[] = [];
  const parked = parkedPlaces(facts.parked.analytics);
  for (const decision of facts.decisions) {
    if (decision.replayFor !== null && decision.replayFor !== 'analytics') continue;
    if (parked.has(at(decision))) table.countsDeadLettered++;
    else if (decision.offset >= Number(statistics.next_offsets[decision.partition] ?? 0)) {
      if (decision.offset >= keptFrom(facts, 'ride_confirmed', decision.partition)) open.push(decision);
    } else counted.push(decision);
  }
  table.countsInFlight = open.length;
  if (open.length > 0 && inFlightIsWrong)
    findings.add(
      'in flight',
      `Still not counted: ${list(open.map((one) => place('ride_confirmed', one)))}.`,
      open.length,
    );

  compare(findings, 'all rides', statistics.overall, figuresOf(counted));
  compareDrivers(findings, statistics.drivers, counted);
  const minutes = statistics.minutes?.length ? grouped(counted, minuteOf) : new Map();
  for (const { start, ...seen } of statistics.minutes ?? [])
    compare(findings, `the minute ${start}`, seen, figuresOf(minutes.get(Date.parse(start)) ?? []));
  return { table, notes: [] };
}

function compareDrivers(findings: Findings, { top, others }: StatisticsSeen['drivers'], counted: Decision[]) {
  const drivers = grouped(counted, ({ driver }) => driver);
  for (const { driver, ...seen } of top) {
    compare(findings, driver, seen, figuresOf(drivers.get(driver) ?? []));
    drivers.delete(driver);
  }
  compare(findings, 'all other drivers', others, figuresOf([...drivers.values()].flat()));
}

function figuresOf(decisions: Decision[]): FiguresSeen {
  let [rejected, timed, sum, max] = [0, 0, 0, 0];
  for (const decision of decisions) {
    if (decision.rejected) rejected++;
    if (decision.minutes === null) continue;
    timed++;
    sum += decision.minutes;
    max = Math.max(max, decision.minutes);
  }
  return {
    rides: decisions.length,
    rejected,
    average_pickup_minutes: timed ? sum / timed : null,
    max_pickup_minutes: timed ? max : null,
  };
}

const words = {
  rides: 'rides',
  rejected: 'rejected rides',
  average_pickup_minutes: 'as the average minutes to pickup',
  max_pickup_minutes: 'as the longest minutes to pickup',
} as const;

function compare(findings: Findings, of: string, seen: FiguresSeen, recounted: FiguresSeen) {
  for (const [field, name] of Object.entries(words) as [keyof FiguresSeen, string][]) {
    const [have, want] = [seen[field], recounted[field]];
    // Averages are shown with two digits.
    if (have === want || (have !== null && want !== null && Math.abs(have - want) < 0.0051)) continue;
    findings.add(
      'statistics',
      `For ${of}, the statistics have ${shown(have)} ${name}, but a recount gives ${shown(want)}.`,
    );
  }
}

const shown = (figure: number | null) => (figure === null ? 'none' : Number(figure.toFixed(2)));
const minuteOf = ({ at }: Decision) => Math.floor(at / 60_000) * 60_000;

function grouped<K>(decisions: Decision[], keyOf: (decision: Decision) => K): Map<K, Decision[]> {
  const groups = new Map<K, Decision[]>();
  for (const decision of decisions) {
    const key = keyOf(decision);
    const group = groups.get(key);
    if (group) group.push(decision);
    else if (key !== null) groups.set(key, [decision]);
  }
  return groups;
}
