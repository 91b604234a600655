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

/** Connects, and stays connected for as long as the page lives. */
export function connect(): void {
  open();
  setInterval(() => {
    const closed = source?.readyState === EventSource.CLOSED;
    if (Date.now() - heard > silence || (closed && Date.now() - link.value.since > again)) open();
  }, 1000);
  // A laptop that wakes does not wait for the connection to be found dead.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() - heard > 3000) open();
  });
}

function open(): void {
  source?.close();
  if (Date.now() - heard > silence) lose();
  heard = Date.now();
  source = new EventSource('/events');
  source.addEventListener('snapshot', ({ data }) => show(JSON.parse(data)));
  source.addEventListener('change', ({ data }) => {
    if (latest) show(merge(latest, JSON.parse(data) as Change));
  });
  source.addEventListener('error', lose);
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
