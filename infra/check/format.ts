/** A report as text. */
import type { Report, Table } from './check.ts';

/** The most violations that are listed. */
const listed = 20;

/** For a terminal, without a final line break. */
export function format({ table, violations, counts, repeatedMails, notes }: Report): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return [
    ...columns(rows(table, repeatedMails)),
    '',
    ...notes,
    ...(total === 0
      ? ['Nothing is lost, nothing happened twice, everything is in order.']
      : [
          `${total === 1 ? 'One violation' : `${total} violations`}: ${summary(counts)}`,
          ...violations.slice(0, listed).map(({ kind, what }) => `  ${kind}: ${what}`),
          ...(total > listed && violations.length > listed ? [`  and ${total - listed} more`] : []),
        ]),
  ].join('\n');
}

function rows(table: Table, repeatedMails: number): [string, number | string, string][] {
  const { accepted, unanswered, confirmed, rejected, deadLettered, dropped, inFlight, noLongerKept, lost } =
    table;
  const ends = confirmed + rejected + deadLettered + dropped + inFlight + noLongerKept + lost;
  return [
    ['rides accepted', accepted, ''],
    ...optional('rides stored without a known answer', unanswered),
    ['= confirmed', confirmed, ''],
    ['+ rejected', rejected, ''],
    ['+ dead-lettered', deadLettered, ''],
    ...optional('+ dropped by a person', dropped),
    ['+ in flight', inFlight, ''],
    ...optional('+ no longer kept by Kafka', noLongerKept),
    ['+ lost', lost, accepted + unanswered === ends ? '' : `the sum is ${ends}`],
    ...optional('messages that expired before their reader handled them', table.expired),
    ['decided twice', table.duplicates, ''],
    ['out of order', table.orderViolations, ''],
    ...optional('overtaken by a later ride of the same customer in another partition', table.overtaken),
    ...optional('stored again under the same identity', table.repeatedRequests),
    ...optional('decisions by foreign writers', table.foreignDecisions),
    ['mails', table.mails, repeatedMails ? `${repeatedMails} of them repeat an earlier Message-ID` : ''],
    ['mails missing', table.mailsMissing, pending(table.mailsInFlight, table.mailsDeadLettered)],
    ['counted by analytics', table.counted, pending(table.countsInFlight, table.countsDeadLettered)],
  ];
}

const optional = (name: string, figure: number): [string, number, string][] =>
  figure > 0 ? [[name, figure, '']] : [];

const pending = (inFlight: number, deadLettered: number) =>
  [inFlight > 0 && `${inFlight} in flight`, deadLettered > 0 && `${deadLettered} dead-lettered`]
    .filter(Boolean)
    .join(', ');

function columns(rows: [string, number | string, string][]): string[] {
  const name = Math.max(...rows.map(([text]) => text.length));
  const figure = Math.max(...rows.map(([, value]) => String(value).length));
  return rows.map(([text, value, remark]) =>
    `  ${text.padEnd(name)}  ${String(value).padStart(figure)}${remark && `  ${remark}`}`.trimEnd(),
  );
}

const summary = (counts: Report['counts']) =>
  Object.entries(counts)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
