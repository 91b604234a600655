/** Puts the figures of one report into the page. */
import { showCharts } from './charts.js';
import { count, decimal, percent } from './format.js';
import { showTables } from './tables.js';

export const element = (id) => document.getElementById(id);
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
  showForecast(report.forecast);
  showCharts(report);
  showTables(report);
  element('offsets').textContent = Object.entries(report.next_offsets)
    .map(([partition, next]) => `partition ${partition}: ${next}`)
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

function showForecast({ coming, method, state, error }) {
  const [running, next] = coming;
  const sum = coming.reduce((sum, { rides }) => sum + rides, 0);
  element('forecast').textContent = running
    ? `Forecast: ${decimal(running.rides)} rides this minute, ${decimal(next.rides)} next minute, ${count(Math.round(sum))} in the next ${coming.length} minutes.`
    : 'There is no forecast yet.';
  element('error').textContent = `${method}. ${state} ${accuracy(error)}`;
}

function accuracy(error) {
  if (!error) return '';
  const { minutes_measured, mae, naive_mae, relative_mae } = error;
  const compared =
    relative_mae === null
      ? ''
      : relative_mae < 1
        ? ` This forecast has a ${percent(1 - relative_mae)} lower error.`
        : ' This forecast is no better.';
  return `Mean absolute error over ${count(minutes_measured)} minutes: ${decimal(mae)} rides per minute. The naive forecast (same as the previous minute) has ${decimal(naive_mae)}.${compared}`;
}
