/** Runs a lesson: sets its stage, does what a press of Next asks for, waits for the event, and puts everything back. */
import { computed, effect, signal } from '@preact/signals';
import type { View } from '../../../src/protocol.ts';
import { ask } from '../api.ts';
import { control, controls, loadControls, refuse } from '../controls/state.ts';
import { choose as chooseRide, story } from '../ride/choice.ts';
import { link, view } from '../stream.ts';
import { goLive } from '../time/shown.ts';
import type { Desk, Lesson, Seen } from './lesson.ts';
import { lessons } from './list.ts';
import { missing } from './needs.ts';
import { isServed, living } from './signs.ts';
import { isTold, readers, type Stand, stageOf, standNow, toward } from './stand.ts';

/** What the card shows: the question (0), an act (from 1), or the explanation (one more than there are acts). */
export interface Run {
  /** Which lesson, from 0. */
  at: number;
  face: number;
  /** Acts that have been done. */
  done: number;
  state: 'asking' | 'setting the stage' | 'ready' | 'waiting' | 'failed';
  /** While it asks: what setting the stage changes in the system as the user has it. */
  changes: string[];
  /** Which choice the class has made. */
  chosen: number | null;
  /** Why it failed, a sentence. */
  trouble: string | null;
}

/** null: no lesson runs. */
export const run = signal<Run | null>(null);
/** Everything is being put back. */
export const leaving = signal(false);

export const lessonOf = ({ at }: Run): Lesson => lessons[at] as Lesson;

const kept = signal<Omit<Seen, 'now' | 'story'> | null>(null);
/** What rides answered to the last booking that it refused. */
export const refused = computed(() => kept.value?.refused ?? null);
/** Of the lesson that runs: what an earlier one still waits for is nobody's business. */
let current = 0;

const begun = (at: number): Run => {
  return { at, face: 0, done: 0, state: 'setting the stage', changes: [], chosen: null, trouble: null };
};

const change = (changes: Partial<Run>) => {
  if (run.value) run.value = { ...run.value, ...changes };
};

/**
 * Begins a lesson, also one that runs already. The first one changes nothing that the user has set until the user agrees.
 * From then on the lessons may change everything: Leave puts it back.
 */
export async function open(at: number, agreed = false): Promise<void> {
  const lesson = lessons[at];
  if (!lesson) return;
  await until(() => !leaving.value, current); // who presses meanwhile gets the lesson afterwards
  const mine = ++current;
  run.value = begun(at);
  await trying(mine, async () => {
    await loadControls();
    if (!controls.value?.on) throw new Error(controls.value?.why ?? 'Nothing can be changed here just now.');
    const lacks = missing(lesson, controls.value);
    if (lacks) throw new Error(lacks);
    const stage = stageOf(lesson.stage);
    if (!agreed && !remembered()) {
      await until(() => view.value !== null && isTold(view.value), mine);
      if (mine !== current || !view.value) return;
      await untilNothingIsLeft(stage, mine);
      if (mine !== current) return;
      change({ state: 'setting the stage', changes: [] });
    }
    remember();
    chooseRide(null);
    await arrange(stage, mine);
    await until(() => {
      const now = view.value;
      return now !== null && readers.every((name) => stage.processes[name] === 0 || isServed(now, name));
    }, mine);
    if (mine !== current || !view.value) return;
    kept.value = { before: view.value, booked: [], refused: null };
    change({ state: 'ready' });
  });
}

/** Shows what the lesson would change, until the user agrees or leaves, or the system stands so by itself. */
async function untilNothingIsLeft(stage: Stand, mine: number): Promise<void> {
  await until(() => {
    const changes = view.value && controls.value ? toward(stage, view.value, controls.value) : [];
    const told = changes.map(({ does }) => does);
    if (told.length > 0 && told.join() !== run.value?.changes.join())
      change({ state: 'asking', changes: told });
    return told.length === 0;
  }, mine);
}

/** What the class expects. */
export const choose = (chosen: number) => change({ chosen });

export const repeat = () => run.value && open(run.value.at);

/** One face on; the next lesson after the last one. */
export async function next(): Promise<void> {
  const now = run.value;
  if (!now) return open(0);
  if (now.state === 'asking') return open(now.at, true);
  const { acts } = lessonOf(now);
  if (now.state === 'failed' || (now.state === 'ready' && now.face > acts.length))
    return now.at + 1 < lessons.length ? open(now.at + 1) : leave();
  if (now.state !== 'ready') return;
  if (now.face < now.done || now.done === acts.length) return change({ face: now.face + 1 });
  const act = acts[now.done];
  if (!act) return;
  const mine = current;
  goLive(); // what the lesson makes happen is to be seen
  change({ face: now.face + 1, state: 'waiting' });
  await trying(mine, async () => {
    for (const action of act.does) if (mine === current) await action(desk);
    await until(() => {
      const now = seen();
      return now !== null && act.until(now);
    }, mine);
    if (mine === current) change({ state: 'ready', done: now.done + 1 });
  });
}

/** One face back, to read it again: what was done stays done. From the question to the lesson before. */
export function back(): void {
  const now = run.value;
  if (!now || now.state === 'setting the stage' || now.state === 'waiting') return;
  if (now.state === 'ready' && now.face > 0) change({ face: now.face - 1 });
  else if (now.at > 0) void open(now.at - 1);
}

/** Puts everything back as it was before the first lesson. */
export async function leave(): Promise<void> {
  if (leaving.value) return;
  leaving.value = true;
  await putBack();
}

async function putBack(): Promise<void> {
  const mine = ++current;
  run.value = null;
  try {
    const stand = remembered();
    if (stand) await arrange(stand, mine);
    forget();
  } catch (error) {
    refuse(error);
  } finally {
    leaving.value = false;
  }
}

/** Forgets all data, and what a lesson has changed with it. A lesson that runs begins again on the system that comes then. */
export async function reset(): Promise<void> {
  if (!(await control('POST', '/reset'))) return;
  const mine = ++current;
  forget();
  chooseRide(null);
  const at = run.value?.at;
  if (at === undefined) return;
  run.value = begun(at);
  await until(() => link.value.state !== 'live', mine);
  await until(() => link.value.state === 'live', mine);
  const old = view.value; // what the process that comes tells is shown a frame later
  await until(() => view.value !== null && view.value !== old && allRun(view.value), mine);
  if (mine === current) await open(at, true);
}

/** Whether each service has a process that works. */
const allRun = (now: View): boolean =>
  living(now, 'rides').length > 0 && readers.every((name) => isServed(now, name));

async function trying(mine: number, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (mine === current) change({ state: 'failed', trouble: (error as Error).message });
  }
}

/** Read in an effect, it is followed. */
function seen(): Seen | null {
  const [now, known, told] = [view.value, kept.value, story.value];
  const last = known?.booked.at(-1)?.ride;
  return now && known && { ...known, now, story: last !== undefined && told?.ride === last ? told : null };
}

const desk: Desk = {
  ask: (method, path, body) => ask(method, `/api${path}`, body),
  seen() {
    const now = seen();
    if (!now) throw new Error('Nothing is known of the system yet.');
    return now;
  },
  follow(booked) {
    if (kept.value) kept.value = { ...kept.value, booked: [...kept.value.booked, booked] };
    chooseRide({ ride: booked.ride });
  },
  refuse(refused) {
    if (kept.value) kept.value = { ...kept.value, refused };
  },
};

/** Resolves when a question about signals is answered with yes, or when another lesson has begun. */
function until(question: () => boolean, mine: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      void run.value; // another lesson changes it
      if (mine === current && !question()) return;
      queueMicrotask(() => {
        stop();
        resolve();
      });
    });
  });
}

/** What was asked for and is not so yet is asked for again after so many milliseconds. */
const patience = 8000;
/** What was refused, as by a process that stops just now, is asked for again: so often, and after so many milliseconds. */
const refusals = { atMost: 8, after: 1000 };

/** Asks until the system stands as wanted and the page shows it. @throws Refused what is refused again and again */
async function arrange(wanted: Stand, mine: number): Promise<void> {
  const left = () => (view.value && controls.value ? toward(wanted, view.value, controls.value) : []);
  const stands = () => view.value !== null && isTold(view.value) && left().length === 0;
  for (let refused = 0; mine === current; ) {
    let pause = patience;
    try {
      for (const { method, path, body } of left())
        if (mine === current) await ask(method, `/api/controls${path}`, body);
      refused = 0;
    } catch (error) {
      if (++refused > refusals.atMost) throw error;
      pause = refusals.after;
    }
    await loadControls();
    await Promise.race([until(stands, mine), new Promise((resolve) => setTimeout(resolve, pause))]);
    if (stands()) return;
  }
}

// What is to be put back, in this tab alone: a reload finds it, another tab does not.
const name = 'lessons: what was before';

function remember(): void {
  if (!remembered() && view.value && controls.value)
    sessionStorage.setItem(name, JSON.stringify(standNow(view.value, controls.value)));
}

function remembered(): Stand | null {
  const text = sessionStorage.getItem(name);
  return text === null ? null : (JSON.parse(text) as Stand);
}

const forget = () => sessionStorage.removeItem(name);

/** After a reload everything is put back; when the page is closed, what can still be sent is sent. */
export function keepLessons(): void {
  if (remembered()) {
    leaving.value = true;
    void until(() => view.value !== null && controls.value !== null, current).then(putBack);
  }
  addEventListener('pagehide', () => {
    const stand = remembered();
    if (!stand || !view.value || !controls.value) return;
    for (const { method, path, body } of toward(stand, view.value, controls.value))
      void fetch(`/api/controls${path}`, {
        method,
        keepalive: true,
        headers: { 'content-type': 'application/json' },
        ...(method !== 'DELETE' && { body: JSON.stringify(body ?? {}) }),
      });
  });
}
