/**
 * One chart over minutes or hours, drawn by uPlot: a value for each of them, null where there is none. Made for a <figure>
 * with a .plot to draw in, and an <output> that shows the figures of the selected one. A pointer or the arrow keys select it.
 *
 * @typedef {{ times: number[], values: (number | null)[][], running: number, tell: (index: number) => string }} Data
 *   milliseconds since 1970; values of each series; which index is the running minute or hour
 */
import uPlot from '/uplot.js';
import { clock, count } from './format.js';

/** No half rides on an axis. */
const steps = [1, 10, 100, 1000, 10_000, 100_000].flatMap((ten) => [ten, 2 * ten, 5 * ten]);

/** The kinds of series. A colour is the name of a variable of the style sheet. */
export const bars = () => ({
  paths: uPlot.paths.bars({ size: [0.85, 60], gap: 1 }),
  width: 0,
  alpha: 0.6,
  fill: () => colour('--soft'),
  points: { show: false },
});
export const line = (name, dash) => ({
  width: 1.75,
  stroke: () => colour(name),
  ...(dash && { dash }),
  points: { show: true, size: 4, width: 0, fill: () => colour(name), filter: alone },
});
export const marks = () => ({
  paths: () => null,
  stroke: () => colour('--soft'),
  points: { show: true, size: 7, width: 1.5, fill: () => colour('--panel') },
});

/**
 * @param {HTMLElement} figure
 * @param {object[]} series of the kinds above
 * @param {number} floor the least value at which the axis ends
 * @returns {(data: Data) => void} draws
 */
export function createChart(figure, series, floor) {
  const element = figure.querySelector('.plot');
  const output = figure.querySelector('output');
  /** @type {Data | null} */
  let data = null;
  let plot = null;
  /** Time of what is selected: it stays selected while the chart moves on. */
  let selected = null;

  const indexOfSelected = () => data.times.indexOf(selected);
  /** The selected index, or the running one if none is selected. */
  const indexToTell = () => (indexOfSelected() < 0 ? data.running : indexOfSelected());
  const half = () => (data.times[1] - data.times[0]) / 2000;
  const left = (index) => plot.valToPos(data.times[index] / 1000 - half(), 'x', true);

  function tell() {
    const index = indexToTell();
    const told = data.tell(index);
    output.textContent = indexOfSelected() < 0 ? '' : told;
    element.setAttribute('aria-valuemax', data.times.length - 1);
    element.setAttribute('aria-valuenow', index);
    element.setAttribute('aria-valuetext', told);
  }
  /** @param {number | null} index */
  function select(index) {
    if (!plot) return;
    const last = data.times.length - 1;
    selected = index === null ? null : data.times[Math.min(Math.max(index, 0), last)];
    tell();
    plot.redraw(false, false);
  }
  element.addEventListener('pointermove', ({ clientX }) => {
    if (!plot) return;
    const { left, width } = plot.over.getBoundingClientRect();
    select(Math.floor(((clientX - left) / width) * data.times.length));
  });
  element.addEventListener('pointerleave', () => select(null));
  element.addEventListener('blur', () => select(null));
  element.addEventListener('keydown', (event) => {
    if (!plot) return;
    const from = indexToTell();
    const keys = {
      ArrowLeft: from - 1,
      ArrowDown: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from + 1,
      Home: 0,
      End: data.times.length,
      Escape: null,
    };
    if (!(event.key in keys)) return;
    event.preventDefault();
    select(keys[event.key]);
  });
  new ResizeObserver(() => plot?.setSize(size(element))).observe(element);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot?.redraw());

  function markSelected({ ctx, bbox }) {
    const index = indexOfSelected();
    if (index < 0) return;
    ctx.save();
    ctx.globalAlpha = 0.1;
    ctx.fillStyle = colour('--ink');
    ctx.fillRect(left(index), bbox.top, bbox.width / data.times.length, bbox.height);
    ctx.restore();
  }
  /** A line between what has been and what is forecast. */
  function markNow({ ctx, bbox }) {
    if (data.running === data.times.length - 1) return;
    ctx.save();
    ctx.strokeStyle = colour('--soft');
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(left(data.running), bbox.top);
    ctx.lineTo(left(data.running), bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }
  const axis = { stroke: () => colour('--soft'), font: '11px system-ui', ticks: { show: false } };
  const lines = { stroke: () => colour('--line'), width: 1 };
  const options = {
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: () => [data.times[0] / 1000 - half(), data.times.at(-1) / 1000 + half()] },
      y: { range: (_plot, _least, most) => [0, Math.max(floor, most * 1.05)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        space: 60,
        values: (_plot, all) => all.map((at) => clock(at * 1000)),
      },
      { ...axis, grid: lines, size: 40, space: 30, incrs: steps, values: (_plot, all) => all.map(count) },
    ],
    series: [{}, ...series],
    hooks: { drawClear: [markSelected], draw: [markNow] },
  };

  return (next) => {
    data = next;
    const columns = [data.times.map((time) => time / 1000), ...data.values];
    if (plot) plot.setData(columns);
    else plot = new uPlot({ ...options, ...size(element) }, columns, element);
    tell();
  };
}

const size = ({ clientWidth, clientHeight }) => ({ width: Math.max(clientWidth, 1), height: clientHeight });

/** A value between gaps is no line, and would not be seen. */
function alone(plot, series) {
  const values = plot.data[series];
  return [...values.keys()].filter(
    (i) => values[i] != null && values[i - 1] == null && values[i + 1] == null,
  );
}

/** A colour as a canvas wants it, resolved for light or dark. */
function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}
const probe = document.body.appendChild(Object.assign(document.createElement('i'), { hidden: true }));
