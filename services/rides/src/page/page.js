/** The page's behaviour: books a ride, follows it until it is decided, lists the newest. */
import { asCurl, bodyOf, showErrors, token } from './form.js';
import { createPin } from './pin.js';
import { showProblem, showRefusal, showRide, showRides, showState } from './show.js';

const form = document.getElementById('form');
const button = form.querySelector('button');
const links = { flow: linkTo('Flow'), mailbox: linkTo('Mailbox'), statistics: linkTo('Statistics') };

/** The body that has no answer yet, and its key: sent again it is the same ride, so that nobody is driven twice. */
let pending = null;
/** How long the answer took, in milliseconds, of the ride that was booked last. */
const answered = new Map();

function linkTo(text) {
  return [...document.querySelectorAll('nav a')].find((a) => a.textContent === text).href;
}

/** Works in a page that came over plain HTTP too, where crypto.randomUUID is missing. */
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, '0')).join('');

async function call(path, options = {}) {
  try {
    const bearer = token.get() === '' ? {} : { authorization: `Bearer ${token.get()}` };
    const headers = { ...options.headers, ...bearer };
    const response = await fetch(path, { cache: 'no-store', ...options, headers });
    if (response.status === 401) {
      token.ask();
      asCurl(form);
    }
    return { status: response.status, body: await response.json() };
  } catch {
    const detail = 'The rides service is not responding. Is it running?';
    return { status: 503, body: { title: 'No response', detail, status: 503 } };
  }
}

async function book(event) {
  event?.preventDefault();
  const body = JSON.stringify(bodyOf(form));
  if (pending?.body !== body) pending = { body, key: newKey() };
  button.disabled = true;
  const began = performance.now();
  const { status, body: answer } = await call('/rides', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `"${pending.key}"` },
    body,
  });
  button.disabled = false;
  showErrors(form, answer.errors ?? []);
  if (!answer.errors) document.getElementById('this').scrollIntoView({ block: 'nearest' });
  if (status !== 202) {
    choose(null);
    showRefusal(answer, [401, 409, 429, 503].includes(status) ? book : undefined);
    return;
  }
  pending = null;
  answered.set(answer.ride.id, Math.round(performance.now() - began));
  choose(answer.ride.id, { ...answer.ride, status: 'requested', stored: answer.stored, decided: null });
}

/** The ride that is shown: its id stands in the address, so that it can be kept and passed on. */
let chosen = null;
function choose(id, state) {
  chosen = id;
  history.replaceState(null, '', id === null ? location.pathname : `#${encodeURIComponent(id)}`);
  void list();
  if (id === null) return;
  if (state) showRide(state, answered.get(id), links);
  void follow(id);
}

/** Asks more and more slowly, until the ride is decided or another one is chosen. */
async function follow(id) {
  const began = performance.now();
  for (let wait = 60; chosen === id; wait = Math.min(wait * 1.5, 2000)) {
    const { status, body } = await call(`/rides/${encodeURIComponent(id)}`);
    if (chosen !== id) return;
    if (status === 200) showRide(body, answered.get(id), links, performance.now() - began > 5000);
    else if (status !== 503 || performance.now() - began > 5000) showProblem(body);
    if (status === 404 || body.decided) break;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  void list();
}

async function list() {
  const { status, body } = await call('/rides?limit=10');
  const ready = await call('/readyz');
  showState(ready.status === 200, ready.body);
  if (status === 200) showRides(body.rides, chosen);
}

function chosenByAddress() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id !== '' && id !== chosen) choose(id);
  void list();
}

document.getElementById('access_token').addEventListener('input', ({ target }) => token.set(target.value));
form.addEventListener('submit', book);
form.addEventListener('input', () => asCurl(form));
addEventListener('hashchange', chosenByAddress);
document.addEventListener('visibilitychange', () => void list());
setInterval(() => document.visibilityState === 'visible' && void list(), 2000);
createPin(document.getElementById('map'), form);
asCurl(form);
chosenByAddress();
