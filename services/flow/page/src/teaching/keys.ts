/** The keys of presentation mode. */
import { signal } from '@preact/signals';
import type { Process } from '../../../src/protocol.ts';
import { book } from '../controls/book.ts';
import { control, controls, refuse } from '../controls/state.ts';
import { link, view } from '../stream.ts';
import { freeze, goLive, past } from '../time/shown.ts';
import { openNotes } from './channel.ts';
import { charted, endPresenting, folded, presenting } from './present.ts';
import { back, next, reset } from './run.ts';
import { living } from './signs.ts';

/** What stands over the page: the list of keys, or the question before everything is forgotten. */
export const overlay = signal<'help' | 'reset' | null>(null);

interface Key {
  /** As it stands on the keyboard. */
  name: string;
  keys: string[];
  does: string;
  press: () => void;
}

export const keys: Key[] = [
  { name: 'B', keys: ['b'], does: 'book a ride', press: () => void book() },
  { name: 'S', keys: ['s'], does: 'transaction goes step by step; each press is one step', press: step },
  { name: 'P', keys: ['p'], does: 'transaction pauses, or resumes', press: pause },
  { name: 'K', keys: ['k'], does: 'kill -9 a process of transaction', press: kill },
  {
    name: 'R',
    keys: ['r'],
    does: 'reset: delete all data (asks before); a lesson begins again afterwards',
    press: askReset,
  },
  {
    name: '→',
    keys: ['arrowright', 'pagedown'],
    does: 'lesson: next (also Page Down, as a clicker sends it)',
    press: () => void next(),
  },
  { name: '←', keys: ['arrowleft', 'pageup'], does: 'lesson: back (also Page Up)', press: back },
  {
    name: 'F',
    keys: ['f'],
    does: 'fold the side panel, or unfold it',
    press: () => (folded.value = !folded.value),
  },
  {
    name: 'C',
    keys: ['c'],
    does: 'show the charts, or hide them',
    press: () => (charted.value = !charted.value),
  },
  {
    name: 'T',
    keys: ['t'],
    does: 'freeze the picture, or go back to now',
    press: () => (past.value ? goLive() : freeze()),
  },
  { name: 'N', keys: ['n'], does: 'open your notes in a second window', press: openNotes },
  { name: '?', keys: ['?'], does: 'this list', press: () => (overlay.value = 'help') },
  { name: 'Esc', keys: ['escape'], does: 'end the presentation', press: endPresenting },
];

/** Keys mean something while presenting, unless somebody writes or moves with them. */
export function keepKeys(): void {
  addEventListener('keydown', (event) => {
    if (!presenting.value || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const pressed = event.key.toLowerCase();
    if (overlay.value) {
      event.preventDefault();
      // Another key than the one that asked, so pressing that twice deletes nothing.
      const confirmed = overlay.value === 'reset' && pressed === 'd';
      overlay.value = null;
      if (confirmed) void reset();
      return;
    }
    const at = event.target as HTMLElement | null;
    if (at?.matches('input:not([type="radio"]), textarea, select')) return;
    const moves = pressed.startsWith('arrow') || pressed.startsWith('page');
    if (moves && at?.matches('[role="slider"], [role="tab"], input')) return;
    const key = keys.find((one) => one.keys.includes(pressed));
    if (!key) return;
    event.preventDefault();
    key.press();
  });
}

const service = 'transaction';

/** While a reset runs, a notice says so. */
function askReset(): void {
  if (link.value.state !== 'reset') overlay.value = 'reset';
}

const deciding = (): Process[] => (view.value ? living(view.value, service) : []);

function step(): void {
  const steps = deciding().some(({ pace }) => pace?.step);
  if (steps) void control('POST', `/step/${service}`);
  else void control('PUT', `/pace/${service}`, { delay: 0, paused: false, step: true });
}

function pause(): void {
  const goes = deciding().every(({ pace }) => !pace?.paused && !pace?.step);
  void control('PUT', `/pace/${service}`, { delay: 0, paused: goes, step: false });
}

/** The one in the open transaction, where there is one. */
function kill(): void {
  const all = deciding();
  const one = all.find(({ held }) => held.length > 0) ?? all.at(-1);
  if (controls.value?.processes !== 'here')
    refuse('This page can kill a process where `npm start` runs the system, and not here.');
  else if (!one) refuse(`No process of ${service} runs just now.`);
  else void control('DELETE', `/processes/${encodeURIComponent(one.id)}?how=kill`);
}
