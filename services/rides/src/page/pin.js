/** The place of pickup on a map. The pin and the two numbers of the form follow each other; the numbers are what is sent. */
import { createMap } from '/map/map.js';
import { arrows, toPlace } from '/map/projection.js';

/** @param {HTMLElement} box @param {HTMLFormElement} form with the fields `lat` and `long` */
export function createPin(box, form) {
  const { lat, long } = form.elements;
  const pin = document.createElement('div');
  pin.className = 'pin';
  pin.tabIndex = 0;
  // A slider gets the arrow keys from a screen reader. It speaks its text, for it has two numbers.
  const attributes = {
    role: 'slider',
    'aria-label': 'Pickup location',
    'aria-roledescription': 'map pin',
    'aria-describedby': 'map-keys',
    'aria-valuemin': -180,
    'aria-valuemax': 180,
  };
  for (const [name, value] of Object.entries(attributes)) pin.setAttribute(name, value);

  let place = { lat: 0, long: 0 };
  const map = createMap(box, {
    steps: 3,
    aim: () => place,
    onClick(clicked) {
      choose(clicked);
      pin.focus({ preventScroll: true });
    },
  });
  follow();
  document.getElementById('map-keys').hidden = false;

  /** The numbers say where the pin is. Where they are no place there is no pin. */
  function follow() {
    const typed = { lat: degrees(lat.value, 90), long: degrees(long.value, 180) };
    pin.hidden = typed.lat === null || typed.long === null;
    if (pin.hidden) return;
    place = typed;
    map.put(pin, place);
    map.bringIn(place);
    pin.setAttribute('aria-valuenow', String(place.long));
    pin.setAttribute('aria-valuetext', `latitude ${place.lat}, longitude ${place.long}`);
  }
  /** Writes the numbers as if they were typed. */
  function choose({ lat: north, long: east }, decimals = precision(map.degreesPerPixel)) {
    lat.value = String(Number(north.toFixed(decimals)));
    long.value = String(Number(east.toFixed(decimals)));
    long.dispatchEvent(new Event('input', { bubbles: true }));
  }
  form.addEventListener('input', ({ target }) => (target === lat || target === long) && follow());

  pin.addEventListener('keydown', (event) => {
    const arrow = arrows[event.key];
    if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const step = Number((map.view.width / 360).toPrecision(1)) * (event.shiftKey ? 10 : 1);
    choose(toPlace({ x: place.long + arrow[0] * step, y: -(place.lat + arrow[1] * step) }), 5);
  });
  /** From the tip of the pin to where it was taken hold of, in pixels. */
  let grip = { right: 0, down: 0 };
  pin.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const { left, width, bottom } = pin.getBoundingClientRect();
    grip = { right: event.clientX - (left + width / 2), down: event.clientY - bottom };
    pin.setPointerCapture(event.pointerId);
  });
  pin.addEventListener('pointermove', ({ pointerId, clientX, clientY }) => {
    if (!pin.hasPointerCapture(pointerId)) return;
    choose(map.placeAt({ clientX: clientX - grip.right, clientY: clientY - grip.down }));
  });
}

/** @returns {number | null} null where the text is no number of degrees up to `most` */
function degrees(text, most) {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Math.abs(value) <= most ? value : null;
}

/** As many decimals as one pixel can tell apart. */
const precision = (degreesPerPixel) => Math.max(0, Math.ceil(-Math.log10(degreesPerPixel)));
