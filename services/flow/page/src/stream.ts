/** The live stream of the flow process: server-sent events in, the view as a signal out. */
import { signal } from '@preact/signals';
import type { Change, View } from '../../src/protocol.ts';
import { merge } from './model.ts';

export const view = signal<View | null>(null);
/** `lost`: the flow process does not answer since `since`, and the page shows what it knew then. */
export const link = signal<{ state: 'connecting' | 'live' | 'lost'; since: number }>({
  state: 'connecting',
  since: Date.now(),
});

/** The process tells something every second; after so many milliseconds without it, the connection is taken for dead. */
const silence = 8000;
const again = 1500;

let source: EventSource | null = null;
let heard = Date.now();
let latest: View | null = null;
let scheduled = false;

/** What one tab tells the others of this page, of the same build: an event as it came, or that it needs a snapshot. */
type Told = { event: 'snapshot' | 'change'; data: string } | { event: 'ask' };
const name = `stream of ${import.meta.url}`;
const tabs = new BroadcastChannel(name);

/**
 * Connects, and stays connected for as long as the page lives. A browser has six connections to one address, so one tab alone
 * takes the stream, and tells the others; when it goes, the next one takes it. Where there are no locks (a page that comes neither from
 * this machine nor over HTTPS), each tab takes its own.
 */
export function connect(): void {
  tabs.addEventListener('message', ({ data: told }: MessageEvent<Told>) => {
    if (told.event !== 'ask') take(told.event, told.data);
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
  source.addEventListener('error', lose);
}

function take(event: 'snapshot' | 'change', data: string): void {
  if (event === 'snapshot') show(JSON.parse(data));
  else if (latest) show(merge(latest, JSON.parse(data) as Change));
}

function lose(): void {
  if (link.value.state !== 'lost') link.value = { state: 'lost', since: Date.now() };
}

/** Merges at once, so that a hidden tab stays right and small; shows at most once a frame. */
function show(next: View): void {
  latest = next;
  heard = Date.now();
  if (link.value.state !== 'live') link.value = { state: 'live', since: heard };
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    view.value = latest;
  });
}
