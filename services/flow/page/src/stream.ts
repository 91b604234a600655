/** The live stream of the flow process: server-sent events in, the view as a signal out. */
import { signal } from '@preact/signals';
import type { Change, View } from '../../src/protocol.ts';
import { merge } from './model.ts';

export const view = signal<View | null>(null);
/**
 * `lost`: the flow process has not answered since `since`, and the page shows what it knew then. `reset`: the same, because somebody asked
 * for a reset.
 */
export const link = signal<{ state: 'connecting' | 'live' | 'lost' | 'reset'; since: number }>({
  state: 'connecting',
  since: Date.now(),
});

/** The process tells something every second; after so many milliseconds without it, the connection is taken for dead. */
const silence = 8000;
const again = 1500;
/** A reset takes some seconds; after so many milliseconds it has failed. */
const resetTime = 60_000;

let source: EventSource | null = null;
let heard = Date.now();
let latest: View | null = null;
let scheduled = false;
let onView: (next: View, before: View | null, at: number) => void = () => {};

/** What one tab tells the others of this page, of the same build: an event as it came, or that it needs a snapshot. */
type Told = { event: 'snapshot' | 'change'; data: string } | { event: 'ask' } | { event: 'reset' };
const name = `stream of ${import.meta.url}`;
const tabs = new BroadcastChannel(name);

/**
 * Connects, and stays connected for as long as the page lives. A browser has six connections to one address, so one tab alone
 * takes the stream, and tells the others; when it goes, the next one takes it. Where there are no locks (a page that comes neither from
 * this machine nor over HTTPS), each tab takes its own.
 * @param hear called with each view and the one before it, also while nothing is drawn
 */
export function connect(hear: typeof onView): void {
  onView = hear;
  tabs.addEventListener('message', ({ data: told }: MessageEvent<Told>) => {
    if (told.event === 'reset') reset();
    else if (told.event !== 'ask') take(told.event, told.data);
    else if (source && latest) tell({ event: 'snapshot', data: JSON.stringify(latest) });
  });
  if (navigator.locks) void navigator.locks.request(name, () => new Promise(open));
  else open();
  if (!source) tell({ event: 'ask' });
  setInterval(() => {
    const closed = source?.readyState === EventSource.CLOSED;
    if (Date.now() - heard > silence || (closed && Date.now() - link.value.since > again)) refresh();
  }, 1000);
  // A laptop that wakes does not wait for the connection to be found dead.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() - heard > 3000) refresh();
  });
}

const tell = (told: Told) => tabs.postMessage(told);

/** Connects again, or asks the tab that is connected. */
function refresh(): void {
  if (source) {
    open();
    return;
  }
  if (Date.now() - heard > silence) lose();
  tell({ event: 'ask' });
}

function open(): void {
  source?.close();
  if (Date.now() - heard > silence) lose();
  heard = Date.now();
  source = new EventSource('/events');
  for (const event of ['snapshot', 'change'] as const)
    source.addEventListener(event, ({ data }) => {
      tell({ event, data });
      take(event, data);
    });
  source.addEventListener('reset', () => {
    tell({ event: 'reset' });
    reset();
  });
  source.addEventListener('error', lose);
}

function reset(): void {
  link.value = { state: 'reset', since: Date.now() };
}

function take(event: 'snapshot' | 'change', data: string): void {
  const snapshot = event === 'snapshot';
  if (snapshot) show(JSON.parse(data), snapshot);
  else if (latest) show(merge(latest, JSON.parse(data) as Change), snapshot);
}

function lose(): void {
  if (link.value.state === 'reset' && Date.now() - link.value.since < resetTime) return;
  if (link.value.state !== 'lost') link.value = { state: 'lost', since: Date.now() };
}

/** Merges at once, so that a hidden tab stays right and small; shows at most once a frame. */
function show(next: View, snapshot: boolean): void {
  heard = Date.now();
  onView(next, latest, heard);
  latest = next;
  // After a reset the process that ends may still tell changes; the one that comes begins with a snapshot.
  const ending = link.value.state === 'reset' && heard - link.value.since < resetTime && !snapshot;
  if (link.value.state !== 'live' && !ending) link.value = { state: 'live', since: heard };
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    view.value = latest;
  });
}
