/** The card of the lesson that runs: its question, what is done, what there is to see, and why. */
import { useEffect, useRef } from 'preact/hooks';
import type { Controls } from '../../../src/protocol.ts';
import { controls } from '../controls/state.ts';
import { openNotes } from './channel.ts';
import { overlay } from './keys.ts';
import type { Act, Lesson } from './lesson.ts';
import { lessons } from './list.ts';
import { missing } from './needs.ts';
import { endPresenting, present, presenting } from './present.ts';
import { back, choose, leave, leaving, lessonOf, next, open, type Run, refused, repeat, run } from './run.ts';

export function LessonCard() {
  const now = run.value;
  const box = useRef<HTMLElement>(null);
  const atQuestion = now?.face === 0 ? now.state : null;
  // On a phone it is out of sight while the map is looked at; its answers come when the stage is set.
  useEffect(() => {
    if (atQuestion) box.current?.scrollIntoView({ block: 'nearest' });
  }, [now?.at, atQuestion]);
  if (!now)
    return leaving.value ? (
      <section class="lesson" aria-label="Lesson">
        <p role="status">Putting everything back as it was before the lessons …</p>
      </section>
    ) : null;
  const lesson = lessonOf(now);
  return (
    <section class="lesson" aria-label="Lesson" ref={box}>
      <header>
        <Jump now={now} />
        {presenting.value ? (
          <button type="button" aria-label="End the presentation" onClick={endPresenting}>
            End
          </button>
        ) : (
          <button type="button" onClick={present}>
            Present
          </button>
        )}
        <button type="button" onClick={openNotes}>
          Notes
        </button>
        <button type="button" onClick={() => void leave()}>
          Leave
        </button>
        {presenting.value && (
          <button type="button" onClick={() => (overlay.value = 'help')}>
            Keys <kbd>?</kbd>
          </button>
        )}
      </header>
      <div class="face" role="status">
        <Face now={now} lesson={lesson} />
      </div>
      <Buttons now={now} lesson={lesson} />
    </section>
  );
}

function Face({ now, lesson }: { now: Run; lesson: Lesson }) {
  if (now.state === 'failed') return <p class="notice bad">{now.trouble} Repeat begins the lesson again.</p>;
  if (now.state === 'asking') return <Asking changes={now.changes} />;
  if (now.state === 'setting the stage') return <p class="soft">Setting the stage …</p>;
  const act = lesson.acts[now.face - 1];
  if (act) return <ActFace act={act} isDone={now.face <= now.done} />;
  return now.face === 0 ? <Question now={now} lesson={lesson} /> : <Why now={now} lesson={lesson} />;
}

function Asking({ changes }: { changes: string[] }) {
  return (
    <>
      <p>This lesson needs another state of the system. Next makes these changes:</p>
      <ul>
        {changes.map((does, n) => (
          <li key={`${n} ${does}`}>{does}</li>
        ))}
      </ul>
      <p class="soft">Nothing is changed yet. Leave puts everything back.</p>
    </>
  );
}

function Question({ now, lesson }: { now: Run; lesson: Lesson }) {
  return (
    <fieldset>
      <legend>{lesson.question}</legend>
      <p class="soft">What do you expect?</p>
      {lesson.choices.map((text, n) => (
        <label key={text} class="option">
          <input type="radio" name="expected" checked={now.chosen === n} onChange={() => choose(n)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ActFace({ act, isDone }: { act: Act; isDone: boolean }) {
  return (
    <>
      <p>
        <b>{act.press}.</b>
      </p>
      {isDone && act.quotes && <p class="notice">{refused.value}</p>}
      {isDone ? <p>{act.shows}</p> : <p class="soft">Waiting for {act.awaits} …</p>}
    </>
  );
}

function Why({ now: { chosen }, lesson }: { now: Run; lesson: Lesson }) {
  const right = lesson.choices[lesson.answer];
  return (
    <>
      <p>
        {chosen === null
          ? 'The answer'
          : chosen === lesson.answer
            ? '✓ As you expected'
            : '✕ You expected something else. The answer'}
        : <b>{right}</b>
      </p>
      {lesson.explanation.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <p class="soft">
        The code: <code>{lesson.code.path}</code>. {lesson.code.does}
      </p>
      <p class="soft">
        Next and Leave put back what this lesson has changed. What the sum has counted stays counted.
      </p>
    </>
  );
}

function Buttons({ now, lesson }: { now: Run; lesson: Lesson }) {
  const { state, face, done, at } = now;
  const act = lesson.acts[face];
  const words =
    state === 'asking'
      ? 'Next: make these changes'
      : face > lesson.acts.length || state === 'failed'
        ? at + 1 === lessons.length
          ? 'Finish'
          : 'Next lesson'
        : face < done || !act
          ? 'Next'
          : `Next: ${act.press.charAt(0).toLowerCase()}${act.press.slice(1)}`;
  // Not disabled while it waits: a button that is loses the focus.
  const waits = state === 'waiting' || state === 'setting the stage';
  return (
    <div class="row">
      <button type="button" disabled={waits || (face === 0 && at === 0)} onClick={back}>
        Back
      </button>
      <button type="button" class="go" aria-disabled={waits} onClick={() => void next()}>
        {words}
      </button>
      <button type="button" onClick={() => void repeat()}>
        Repeat
      </button>
    </div>
  );
}

/** Names the lesson, and leads to the others. */
function Jump({ now }: { now: Run }) {
  const can = controls.value;
  return (
    <select
      aria-label="Jump to a lesson"
      value={now.at}
      onChange={({ currentTarget }) => void open(Number(currentTarget.value))}
    >
      {lessons.map((lesson, n) => (
        <option key={lesson.title} value={n} disabled={isMissing(lesson, can)}>
          {n + 1}/{lessons.length} {lesson.title}
          {isMissing(lesson, can) ? ' (not here)' : ''}
        </option>
      ))}
    </select>
  );
}

const isMissing = (lesson: Lesson, can: Controls | null) => can !== null && missing(lesson, can) !== null;
