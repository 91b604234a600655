/**
 * The map of where rides are requested: H3 cells, shaded by their number of rides. Each step of the zoom shows the next finer
 * resolution of H3. One cell is in the tab order; from there the arrow keys go to the neighbour in that direction.
 */
import { createMap, svg } from '/map/map.js';
import { outline } from '/map/outline.js';
import { arrows, isIn, wrap } from '/map/projection.js';
import { coordinates, count, decimal, percent, rides } from './format.js';
import { boundsFor, shadeOf } from './shades.js';

/** The whole world is shown in resolution 1, the last step in 7, the finest that is counted. */
const steps = 6;

/**
 * @param {HTMLElement} figure with a .map-box to draw in, a .keys for the legend and a .note
 * @returns {(offsets: object) => Promise<void>} brings the map up to what has been counted; rejects when no answer comes
 */
export function createCells(figure) {
  const legend = figure.querySelector('.keys');
  const note = figure.querySelector('.note');
  const tip = Object.assign(document.createElement('div'), { className: 'tip', hidden: true });
  tip.setAttribute('aria-hidden', 'true'); // the cell itself has the same text as its name
  /** What is drawn, by the id of the cell: the cell and its path. */
  const drawn = new Map();
  let busiest = null;
  /** The cell that has, or had, the focus. */
  let chosen = null;
  /** What was counted, and what of it is drawn. */
  let counted = {};
  let shown = '';

  const map = createMap(figure.querySelector('.map-box'), {
    steps,
    aim: () => (chosen && isIn(map.view, chosen) ? chosen : map.step === 0 && busiest ? busiest : map.centre),
    onZoom: () => void update(counted).catch(() => {}), // the next regular one says that no answer came
  });
  map.content.setAttribute('role', 'group');
  map.content.setAttribute('aria-label', 'Rides by area');
  map.content.addEventListener('pointerover', ({ target }) => tell(target.dataset.cell));
  map.content.addEventListener('pointerout', () => tell(document.activeElement.dataset.cell));
  map.content.addEventListener('focusin', ({ target }) => choose(target.dataset.cell));
  map.content.addEventListener('focusout', () => tell());
  map.content.addEventListener('keydown', move);

  async function update(offsets) {
    counted = offsets;
    const resolution = map.step + 1;
    const wanted = `${resolution} ${JSON.stringify(counted)}`;
    if (wanted === shown) return;
    const response = await fetch(`/cells?resolution=${resolution}`, { signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const answer = await response.json();
    if (resolution !== map.step + 1) return;
    shown = wanted;
    draw(answer);
  }

  function draw({ resolution, square_kilometres, cells, others }) {
    const focused = drawn.get(document.activeElement.dataset.cell)?.cell;
    busiest = cells[0] ?? null;
    const bounds = boundsFor(busiest?.rides ?? 0);
    const kept = new Set(cells.map(({ cell }) => cell));
    for (const id of drawn.keys()) {
      if (kept.has(id)) continue;
      drawn.get(id).path.remove();
      drawn.delete(id);
    }
    for (const cell of cells) {
      const path = drawn.get(cell.cell)?.path ?? newPath(cell);
      path.setAttribute('fill-opacity', shadeOf(cell.rides, bounds));
      path.setAttribute('aria-label', `${facts(cell).join(', ')}, around ${coordinates(cell)}`);
      drawn.set(cell.cell, { cell, path });
    }
    // Other cells after a zoom: the focus goes to the one that is nearest.
    const next = nearest(focused ?? chosen ?? busiest);
    setTabStop(next);
    if (focused && focused.cell !== next?.cell) drawn.get(next.cell).path.focus({ preventScroll: true });
    if (!tip.hidden) tell(tip.dataset.cell);
    showLegend(bounds);
    const finer = map.step < steps ? ' Zoom in for finer cells.' : '';
    const more = others.rides ? ` ${rides(others.rides)} in further areas are not on the map.` : '';
    note.textContent = busiest
      ? `H3 resolution ${resolution}, cells of about ${area(square_kilometres)} km².${finer}${more}`
      : 'No ride has a location yet.';
  }

  function newPath(cell) {
    const path = svg('path', { class: 'cell', d: outline(cell.corners), role: 'img', tabindex: -1 });
    path.dataset.cell = cell.cell;
    map.content.append(path);
    return path;
  }
  const nearest = (place) =>
    least(
      [...drawn.values()].map(({ cell }) => cell),
      (cell) => {
        if (!place) return 0;
        return Math.hypot(wrap(cell.long - place.long), cell.lat - place.lat);
      },
    );
  function setTabStop(cell) {
    for (const { path } of drawn.values()) path.setAttribute('tabindex', -1);
    if (cell) drawn.get(cell.cell).path.setAttribute('tabindex', 0);
  }
  function choose(id) {
    chosen = drawn.get(id)?.cell ?? null;
    if (!chosen) return;
    setTabStop(chosen);
    map.bringIn(chosen);
    tell(id);
  }
  function move(event) {
    if (event.key === 'Escape') tell();
    const arrow = arrows[event.key];
    if (event.key !== 'Home' && !arrow) return;
    event.preventDefault();
    const next = arrow ? neighbour(chosen, arrow) : busiest;
    if (next) drawn.get(next.cell).path.focus({ preventScroll: true });
  }
  /** The closest cell in a direction; what lies askew counts as further away. */
  function neighbour(from, [east, north]) {
    const candidates = [...drawn.values()].flatMap(({ cell }) => {
      const right = wrap(cell.long - from.long);
      const up = cell.lat - from.lat;
      const along = right * east + up * north;
      const askew = Math.abs(right * north) + Math.abs(up * east);
      return along > 0 && along >= askew ? [{ cell, distance: along + 2 * askew }] : [];
    });
    return least(candidates, ({ distance }) => distance)?.cell;
  }

  function tell(id) {
    const cell = drawn.get(id)?.cell;
    tip.hidden = !cell;
    if (!cell) return;
    tip.dataset.cell = id;
    const lines = [...facts(cell), coordinates(cell)].map((textContent) =>
      Object.assign(document.createElement('div'), { textContent }),
    );
    tip.replaceChildren(...lines);
    map.put(tip, cell);
    const { left, top } = map.share(cell);
    tip.style.translate = `${-100 * left}% ${top > 0.5 ? 'calc(-100% - 12px)' : '12px'}`;
  }

  function showLegend(bounds) {
    const text = bounds.join();
    if (legend.dataset.bounds === text) return;
    legend.dataset.bounds = text;
    legend.replaceChildren(
      ...bounds.map((most, i) => {
        const least = (bounds[i - 1] ?? 0) + 1;
        const key = Object.assign(document.createElement('span'), { className: 'key' });
        const swatch = svg('svg', { width: 14, height: 11, 'aria-hidden': 'true' });
        swatch.append(
          svg('rect', { class: 'cell', width: 14, height: 11, 'fill-opacity': shadeOf(most, bounds) }),
        );
        key.append(swatch, least === most ? count(most) : `${count(least)}–${count(most)}`);
        return key;
      }),
      Object.assign(document.createElement('span'), {
        className: 'key',
        textContent: bounds.length ? 'rides' : '',
      }),
    );
  }
  return update;
}

/** What is known of a cell, in words. */
function facts({ rides: number, rejected, rejected_share, average_pickup_minutes: minutes }) {
  return [
    rides(number),
    ...(rejected ? [`${count(rejected)} rejected (${percent(rejected_share)})`] : []),
    ...(minutes === null ? [] : [`average pickup time ${decimal(minutes)} min`]),
  ];
}

const area = (value) => (value < 100 ? value.toFixed(1) : count(Number(value.toPrecision(2))));

/** The item of the least measure, the first of equals. */
function least(items, measure) {
  let found;
  for (const item of items) if (found === undefined || measure(item) < measure(found)) found = item;
  return found;
}
