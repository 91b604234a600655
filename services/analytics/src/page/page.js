/**
 * Asks for the figures once a second while the page is in view, and shows them. When no answer comes, says from when the
 * figures are.
 */
import { createCells } from './cells.js';
import { element, show } from './figures.js';

const period = 1000;
const showCells = createCells(element('cells'));
let shown = null;
let timer;

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});
void refresh();

async function refresh() {
  clearTimeout(timer);
  try {
    const options = { signal: AbortSignal.timeout(5000) };
    const [stats, readiness] = await Promise.all([fetch('/stats', options), fetch('/readyz', options)]);
    if (!stats.ok) throw new Error(`status ${stats.status}`);
    const report = await stats.json();
    show(report);
    if (report.overall.rides > 0) await showCells(report.next_offsets);
    shown = report;
    showReadiness((await readiness.json()).waiting ?? []);
    state('ok', 'live');
    element('moment').textContent = seconds(report.generated_at);
  } catch {
    const whose = shown ? `showing figures from ${seconds(shown.generated_at)}` : 'trying again';
    state('bad', `connection lost; ${whose}`);
    element('moment').textContent = '';
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, period);
}

/** A screen reader announces this element, so it changes only when the state does. */
function state(tone, text) {
  const { classList } = element('state');
  if (element('state').textContent === text) return;
  classList.remove('ok', 'bad');
  classList.add(tone);
  element('state').textContent = text;
  element('figures').classList.toggle('stale', tone === 'bad');
}

function showReadiness(waiting) {
  element('behind').hidden = waiting.length === 0;
  const text = `No new rides are being counted: ${waiting.join('; ')}.`;
  if (element('behind').textContent !== text) element('behind').textContent = text;
}

const seconds = (time) => new Date(time).toLocaleTimeString('en-GB');
