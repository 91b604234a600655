/** A world map in a page: land, zoom buttons, and a view that a pointer moves. Each page adds its own content. */
import { land } from './land.js';
import { isIn, toPlace, toPoint, viewAround } from './projection.js';

/** Pointer movements below this many pixels still count as a click. */
const slack = 4;

/**
 * @param {HTMLElement} box becomes the map; its width decides the size
 * @param {object} options
 * @param {number} options.steps the number of zoom steps
 * @param {() => import('./projection.js').Place} options.aim the place that zooming in moves to the middle
 * @param {() => void} [options.onZoom] called after each change of the zoom step
 * @param {(place: import('./projection.js').Place) => void} [options.onClick]
 */
export function createMap(box, { steps, aim, onZoom, onClick }) {
  /** Elements over the map, with their places. */
  const put = new Map();
  const content = svg('g');
  const picture = svg('svg');
  picture.append(svg('path', { class: 'land', d: land, 'aria-hidden': 'true' }), content);
  const buttons = [zoomButton('+', 'Zoom in', 1), zoomButton('−', 'Zoom out', -1)];
  const zoom = document.createElement('div');
  zoom.className = 'zoom';
  zoom.append(...buttons);
  box.classList.add('map');
  box.append(picture, zoom);

  const map = {
    content,
    step: 0,
    view: viewAround(0, { lat: 0, long: 0 }),
    /** Degrees that one pixel of the screen covers. */
    get degreesPerPixel() {
      return map.view.width / Math.max(picture.getBoundingClientRect().width, 1);
    },
    /** The middle of the view. */
    get centre() {
      const { x, y, width, height } = map.view;
      return toPlace({ x: x + width / 2, y: y + height / 2 });
    },
    /** The position of a place in the view, as shares of its width and height. */
    share(place) {
      const { x, y } = toPoint(place);
      const { view } = map;
      return { left: (x - view.x) / view.width, top: (y - view.y) / view.height };
    },
    /** The place under a pointer, even outside the map. */
    placeAt({ clientX, clientY }) {
      const { left, top } = picture.getBoundingClientRect();
      const { x, y } = map.view;
      const scale = map.degreesPerPixel;
      return toPlace({ x: x + (clientX - left) * scale, y: y + (clientY - top) * scale });
    },
    /** Puts an HTML element over a place. It keeps its size at any zoom. */
    put(element, place) {
      if (element.parentElement !== box) box.append(element);
      put.set(element, place);
      stand(element, place);
    },
    /** Moves the view only if the place is outside. */
    bringIn(place) {
      if (!isIn(map.view, place)) show(map.step, place);
    },
    zoomBy(steps) {
      show(map.step + steps, aim());
    },
  };

  function show(step, centre) {
    const before = map.step;
    map.step = Math.min(Math.max(step, 0), steps);
    map.view = viewAround(map.step, centre);
    draw();
    if (map.step !== before) onZoom?.();
  }
  function draw() {
    const { x, y, width, height } = map.view;
    picture.setAttribute('viewBox', `${x} ${y} ${width} ${height}`);
    box.classList.toggle('zoomed', map.step > 0);
    // Not `disabled`: a button that loses the focus would send keyboard users back to the top.
    buttons[0].setAttribute('aria-disabled', String(map.step === steps));
    buttons[1].setAttribute('aria-disabled', String(map.step === 0));
    for (const [element, place] of put) stand(element, place);
  }
  function stand(element, place) {
    const { left, top } = map.share(place);
    element.style.left = `${left * 100}%`;
    element.style.top = `${top * 100}%`;
  }
  function zoomButton(text, label, by) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: text });
    button.setAttribute('aria-label', label);
    button.addEventListener('click', () => map.zoomBy(by));
    return button;
  }

  /** The start of a drag: pointer and view. */
  let drag = null;
  let moved = false;
  picture.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    moved = false;
    drag = { event, view: map.view };
  });
  picture.addEventListener('pointermove', (event) => {
    if (event.buttons === 0) drag = null; // released outside the map
    if (!drag) return;
    const right = event.clientX - drag.event.clientX;
    const down = event.clientY - drag.event.clientY;
    if (!moved && Math.hypot(right, down) < slack) return;
    if (!moved) picture.setPointerCapture(event.pointerId);
    moved = true;
    const { x, y, width, height } = drag.view;
    const scale = map.degreesPerPixel;
    show(map.step, { lat: -(y + height / 2 - down * scale), long: x + width / 2 - right * scale });
  });
  for (const end of ['pointerup', 'pointercancel'])
    picture.addEventListener(end, () => {
      drag = null;
    });
  picture.addEventListener('click', (event) => {
    if (!moved) onClick?.(map.placeAt(event));
  });
  box.addEventListener('keydown', (event) => {
    const by = { '+': 1, '=': 1, '-': -1 }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    map.zoomBy(by);
  });

  draw();
  return map;
}

/** An element of SVG. @param {string} name @param {Record<string, string | number>} attributes */
export function svg(name, attributes = {}) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
