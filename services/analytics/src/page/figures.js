/** Puts the figures of one report into the page: sums, charts, tables. */
import { clock, createChart } from './chart.js';

const charts = Object.fromEntries(
  ['demand', 'pickup', 'refused', 'hours'].map((id) => [id, createChart(element(id))]),
);
let shownText = '';

/** @param report what /stats answered; nothing is touched when it is the same as before */
export function show(report) {
  const text = JSON.stringify({ ...report, generated_at: null });
  if (text === shownText) return;
  shownText = text;
  element('empty').hidden = report.overall.rides > 0;
  element('figures').hidden = report.overall.rides === 0;
  if (report.overall.rides === 0) return;
  showOverall(report.overall);
  showDemand(report);
  showMinutes(report.minutes);
  showHours(report.hours);
  showTables(report);
  element('offsets').textContent = Object.entries(report.next_offsets)
    .map(([partition, next]) => `${partition} up to offset ${next}`)
    .join(', ');
}

function showOverall(overall) {
  element('rides').textContent = count(overall.rides);
  element('confirmed').textContent = count(overall.confirmed);
  element('rejected').textContent = count(overall.rejected);
  element('share').textContent = `(${percent(overall.rejected_share)})`;
  element('average').textContent = decimal(overall.average_pickup_minutes);
  element('longest').textContent = overall.max_pickup_minutes ?? '–';
}

function showDemand({ minutes, forecast }) {
  const coming = forecast.coming.map(at);
  const past = forecast.past.map(at);
  const first = Date.parse(minutes[0].start);
  const last = Math.max(Date.parse(minutes.at(-1).start), coming.at(-1)?.time ?? 0);
  const times = [];
  for (let time = first; time <= last; time += 60_000) times.push(time);
  const asked = byTime(minutes.map(at), times);
  const predicted = byTime(past, times);
  const expected = byTime(coming, times);
  charts.demand({
    times,
    nowIndex: minutes.length - 1,
    floor: 4,
    bars: asked,
    lines: [
      { values: predicted, className: '' },
      { values: expected, className: 'dashed' },
    ],
    tell: (i) =>
      [
        clock(times[i]),
        asked[i] !== null && rides(asked[i]),
        (predicted[i] ?? expected[i]) !== null && `forecast ${decimal(predicted[i] ?? expected[i])}`,
      ]
        .filter(Boolean)
        .join(' · '),
  });

  const [running, next] = forecast.coming;
  const fifteen = forecast.coming.reduce((sum, { rides }) => sum + rides, 0);
  element('forecast').textContent = running
    ? `Expected: ${decimal(running.rides)} rides in the minute that now runs, ${decimal(next.rides)} in the next, ${count(Math.round(fifteen))} in ${forecast.coming.length} minutes.`
    : 'There is no forecast yet.';
  element('error').textContent = `${forecast.method}. ${forecast.state} ${accuracy(forecast.error)}`;
}

function accuracy(error) {
  if (!error) return '';
  const compared =
    error.relative_mae === null
      ? ''
      : error.relative_mae < 1
        ? `, so it is off by ${percent(1 - error.relative_mae)} less`
        : ', so it is no better';
  return `Over ${count(error.minutes_measured)} minutes it was off by ${decimal(error.mae)} rides a minute on average; “the same as the last minute” was off by ${decimal(error.naive_mae)}${compared}.`;
}

function showMinutes(minutes) {
  const times = minutes.map(({ start }) => Date.parse(start));
  const nowIndex = minutes.length - 1;
  const average = minutes.map((window) => window.average_pickup_minutes);
  const longest = minutes.map((window) => window.max_pickup_minutes);
  const known = (i, text) => (minutes[i].rides ? text : 'no ride');
  charts.pickup({
    times,
    nowIndex,
    floor: 10,
    marks: longest,
    lines: [{ values: average, className: 'ink' }],
    tell: (i) =>
      `${clock(times[i])} · ${known(i, average[i] === null ? 'no pickup' : `average ${decimal(average[i])}, longest ${longest[i]}`)}`,
  });
  charts.refused({
    times,
    nowIndex,
    floor: 10,
    bars: minutes.map(({ rejected_share }) => rejected_share && rejected_share * 100),
    tell: (i) =>
      `${clock(times[i])} · ${known(i, `${minutes[i].rejected} of ${minutes[i].rides} rejected, ${percent(minutes[i].rejected_share)}`)}`,
  });
}

function showHours(hours) {
  const times = hours.map(({ start }) => Date.parse(start));
  charts.hours({
    times,
    nowIndex: hours.length - 1,
    floor: 4,
    bars: hours.map((window) => window.rides),
    tell: (i) => {
      const {
        average_pickup_minutes: average,
        max_pickup_minutes: longest,
        rejected_share: share,
      } = hours[i];
      const figures = `pickup ${decimal(average)} on average, ${longest ?? '–'} at most · ${percent(share)} rejected`;
      return `${clock(times[i])} · ${rides(hours[i].rides)}${hours[i].rides ? ` · ${figures}` : ''}`;
    },
  });
}

const rowsShown = 8;

function showTables({ drivers, areas }) {
  fill(
    'drivers',
    drivers,
    ({ driver }) => driver,
    ({ max_pickup_minutes: max }) => max ?? '–',
  );
  fill(
    'areas',
    areas,
    ({ cell, lat, long }) => abbreviation(`${lat.toFixed(2)}, ${long.toFixed(2)}`, `H3 cell ${cell}`),
    ({ rejected_share }) => percent(rejected_share),
  );
  element('resolution').textContent = areas.resolution;
}

/** The rows with the most rides, their amounts as bars. What is not shown is told beside the heading. */
function fill(id, { top, others, distinct }, name, lastCell) {
  const rows = top.slice(0, rowsShown);
  const highest = rows[0]?.rides ?? 1;
  element(id).tBodies[0].replaceChildren(
    ...rows.map((row) => {
      const bar = document.createElement('i');
      bar.style.width = `${(row.rides / highest) * 70}%`;
      const amount = document.createElement('div');
      amount.className = 'amount';
      amount.append(bar, count(row.rides));
      return tableRow([name(row), amount, decimal(row.average_pickup_minutes), lastCell(row)]);
    }),
  );
  const hidden = top.slice(rowsShown).reduce((sum, { rides }) => sum + rides, others.rides);
  element(`${id}-more`).textContent =
    hidden === 0 ? '' : `${rows.length} of ${count(distinct)}; the others have ${rides(hidden)}`;
}

function tableRow(cells) {
  const row = document.createElement('tr');
  for (const [i, cell] of cells.entries()) {
    const td = document.createElement('td');
    if (i > 1) td.className = 'figure';
    td.append(cell);
    row.append(td);
  }
  return row;
}

function abbreviation(text, title) {
  const span = document.createElement('span');
  span.textContent = text;
  span.title = title;
  return span;
}

export function element(id) {
  return document.getElementById(id);
}
const at = ({ start, rides }) => ({ time: Date.parse(start), rides });
const byTime = (values, times) => {
  const found = new Map(values.map(({ time, rides }) => [time, rides]));
  return times.map((time) => found.get(time) ?? null);
};
const rides = (value) => `${count(value)} ${value === 1 ? 'ride' : 'rides'}`;
const count = (value) => value.toLocaleString('en').replaceAll(',', '\u202f');
const decimal = (value) => (value === null ? '–' : value.toFixed(1));
const percent = (share) => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
