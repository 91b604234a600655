/**
 * Draws one chart over minutes or hours: bars, lines and marks, one value for each, null where there is none. Made for a
 * <figure> with a .plot to draw in, and an <output> in which the figures of the chosen one are told. A pointer or the arrow keys choose it.
 *
 * @typedef {{ times: number[], nowIndex: number, floor?: number, tell: (index: number) => string,
 *   bars?: (number | null)[], marks?: (number | null)[], lines?: { values: (number | null)[], className: string }[] }} Chart
 */
const svgName = 'http://www.w3.org/2000/svg';
const margin = { top: 8, right: 8, bottom: 20, left: 34 };

/** @param {HTMLElement} figure @returns {(chart: Chart) => void} draws, and draws again when the size changes */
export function createChart(figure) {
  const plot = figure.querySelector('.plot');
  const output = figure.querySelector('output');
  const svg = node('svg', { 'aria-hidden': true });
  plot.append(svg);
  let chart = null;
  /** Time of the chosen minute: it stays chosen while the chart moves on. */
  let chosen = null;

  const indexOfChosen = () => (chosen === null ? -1 : chart.times.indexOf(chosen));
  function redraw() {
    if (!chart) return;
    const index = indexOfChosen();
    draw(svg, chart, index);
    output.textContent = index === -1 ? '' : chart.tell(index);
    plot.setAttribute('aria-valuemax', chart.times.length - 1);
    plot.setAttribute('aria-valuenow', index === -1 ? chart.nowIndex : index);
    plot.setAttribute('aria-valuetext', chart.tell(index === -1 ? chart.nowIndex : index));
  }
  function choose(index) {
    const last = (chart?.times.length ?? 0) - 1;
    chosen = index === null ? null : (chart?.times[Math.min(Math.max(index, 0), last)] ?? null);
    redraw();
  }
  plot.addEventListener('pointermove', (event) => {
    const { left, width } = svg.getBoundingClientRect();
    const share = (event.clientX - left - margin.left) / (width - margin.left - margin.right);
    if (chart) choose(Math.floor(share * chart.times.length));
  });
  plot.addEventListener('pointerleave', () => choose(null));
  plot.addEventListener('blur', () => choose(null));
  plot.addEventListener('keydown', (event) => {
    if (!chart) return;
    const from = indexOfChosen() === -1 ? chart.nowIndex : indexOfChosen();
    const keys = {
      ArrowLeft: from - 1,
      ArrowDown: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from + 1,
      Home: 0,
      End: chart.times.length,
      Escape: null,
    };
    if (!(event.key in keys)) return;
    event.preventDefault();
    choose(keys[event.key]);
  });
  new ResizeObserver(redraw).observe(svg);
  return (next) => {
    chart = next;
    redraw();
  };
}

function draw(svg, chart, chosen) {
  const { clientWidth: width, clientHeight: height } = svg;
  if (width === 0) return;
  const { times, bars = [], marks = [], lines = [] } = chart;
  const all = [...bars, ...marks, ...lines.flatMap(({ values }) => values)].filter((value) => value != null);
  const { step, top } = scale(Math.max(chart.floor ?? 1, ...all));
  const slot = (width - margin.left - margin.right) / times.length;
  const x = (index) => margin.left + (index + 0.5) * slot;
  const y = (value) => height - margin.bottom - (value / top) * (height - margin.top - margin.bottom);
  const parts = [];

  for (let value = 0; value <= top; value += step) {
    parts.push(
      node('line', {
        class: 'grid-line',
        x1: margin.left,
        x2: width - margin.right,
        y1: y(value),
        y2: y(value),
      }),
    );
    parts.push(node('text', { x: margin.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, String(value)));
  }
  // Labels stand where the clock shows a round time, at least 60 pixels apart.
  const length = (times[1] - times[0]) / 60_000;
  const every =
    [5, 10, 15, 20, 30, 60, 120, 180, 240, 360].find((minutes) => (minutes / length) * slot >= 60) ?? 720;
  for (const [i, time] of times.entries()) {
    const minutes = new Date(time).getHours() * 60 + new Date(time).getMinutes();
    if (minutes % every !== 0 || x(i) > width - 20) continue;
    parts.push(node('text', { x: x(i), y: height - 4, 'text-anchor': 'middle' }, clock(time)));
  }
  const box = (index, value, className) =>
    node('rect', {
      class: className,
      x: x(index) - slot / 2 + Math.min(1, slot / 8),
      width: Math.max(slot - Math.min(2, slot / 4), 1),
      y: y(value),
      height: y(0) - y(value),
    });
  if (chosen >= 0) parts.push(box(chosen, top, 'chosen'));
  for (const [i, value] of bars.entries()) if (value) parts.push(box(i, value, 'bar'));
  if (chart.nowIndex < times.length - 1) {
    const at = x(chart.nowIndex) - slot / 2;
    parts.push(node('line', { class: 'now', x1: at, x2: at, y1: margin.top, y2: y(0) }));
  }
  for (const { values, className } of lines)
    parts.push(node('path', { class: `line ${className}`, d: path(values, x, y) }));
  for (const [i, value] of marks.entries())
    if (value != null) parts.push(node('circle', { class: 'mark', cx: x(i), cy: y(value), r: 3 }));

  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.replaceChildren(...parts);
}

/** A line that is interrupted where there is no value; a value that stands alone is a short dash. */
function path(values, x, y) {
  let d = '';
  for (const [i, value] of values.entries()) {
    if (value == null) continue;
    if (i > 0 && values[i - 1] != null) d += `L${x(i)} ${y(value)}`;
    else if (values[i + 1] != null) d += `M${x(i)} ${y(value)}`;
    else d += `M${x(i) - 2} ${y(value)}h4`;
  }
  return d;
}

/** Grid lines at 1, 2 or 5 times a power of ten, four or five of them. */
function scale(highest) {
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power);
  return { step, top: Math.ceil(highest / step) * step };
}

function node(name, attributes, text = '') {
  const element = document.createElementNS(svgName, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** @param {number} time milliseconds since 1970 */
export const clock = (time) =>
  new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
