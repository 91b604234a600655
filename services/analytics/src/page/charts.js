/** What each chart shows of a report. */
import { bars, createChart, line, marks } from './chart.js';
import { clock, decimal, percent, rides } from './format.js';

const figure = (id) => document.getElementById(id);
const demand = createChart(figure('demand'), [bars(), line('--a'), line('--a', [5, 4])], 4);
const pickup = createChart(figure('pickup'), [line('--ink'), marks()], 10);
const refused = createChart(figure('refused'), [bars()], 10);
const perHour = createChart(figure('hours'), [bars()], 4);

/** @param report what /stats answered */
export function showCharts({ minutes, hours, forecast }) {
  showDemand(minutes, forecast);
  showMinutes(minutes);
  showHours(hours);
}

const startOf = ({ start }) => Date.parse(start);
const at = (windows, times) => {
  const found = new Map(windows.map((window) => [startOf(window), window.rides]));
  return times.map((time) => found.get(time) ?? null);
};

function showDemand(minutes, { past, coming }) {
  const first = startOf(minutes[0]);
  const last = Math.max(...[...minutes.slice(-1), ...coming.slice(-1)].map(startOf));
  const times = Array.from({ length: (last - first) / 60_000 + 1 }, (_, i) => first + i * 60_000);
  const [requested, predicted, expected] = [minutes, past, coming].map((windows) => at(windows, times));
  demand({
    times,
    values: [requested, predicted, expected],
    running: minutes.length - 1,
    tell(i) {
      const forecast = predicted[i] ?? expected[i];
      return [
        clock(times[i]),
        ...(requested[i] === null ? [] : [rides(requested[i])]),
        ...(forecast === null ? [] : [`forecast ${decimal(forecast)}`]),
      ].join(' · ');
    },
  });
}

function showMinutes(minutes) {
  const common = { times: minutes.map(startOf), running: minutes.length - 1 };
  const tell = (text) => (i) =>
    `${clock(common.times[i])} · ${minutes[i].rides ? text(minutes[i]) : 'no rides'}`;
  pickup({
    ...common,
    values: [minutes.map((one) => one.average_pickup_minutes), minutes.map((one) => one.max_pickup_minutes)],
    tell: tell(pickupTime),
  });
  refused({
    ...common,
    values: [minutes.map(({ rejected_share: share }) => share && share * 100)],
    tell: tell((one) => `${one.rejected} of ${one.rides} rejected (${percent(one.rejected_share)})`),
  });
}

function showHours(hours) {
  const times = hours.map(startOf);
  perHour({
    times,
    values: [hours.map((one) => one.rides)],
    running: hours.length - 1,
    tell(i) {
      const more = hours[i].rides
        ? [pickupTime(hours[i]), `${percent(hours[i].rejected_share)} rejected`]
        : [];
      return [clock(times[i]), rides(hours[i].rides), ...more].join(' · ');
    },
  });
}

const pickupTime = ({ average_pickup_minutes: average, max_pickup_minutes: longest }) =>
  average === null ? 'no pickup' : `average pickup time ${decimal(average)} min, longest ${longest} min`;
