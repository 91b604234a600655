/** The presenter's window: what to say before and after, a common misunderstanding, and what comes next. */
import { signal } from '@preact/signals';
import { openChannel, type Said } from './channel.ts';
import { lessons } from './list.ts';
import { lessonOf, type Run } from './run.ts';

const now = signal<Run | null>(null);
const channel = openChannel();
const say = (said: Said) => channel.postMessage(said);

export function listen(): void {
  document.title = 'rideflow: notes';
  channel.addEventListener('message', ({ data }: MessageEvent<Said>) => {
    if (data !== 'ask' && 'run' in data) now.value = data.run;
  });
  say('ask');
}

export function Notes() {
  const run = now.value;
  if (!run)
    return (
      <main class="notes">
        <h1>Your notes</h1>
        <p>No lesson runs. Begin one on the flow page with “Lessons”, and your notes for it appear here.</p>
      </main>
    );
  const { title, question, choices, answer, acts, notes } = lessonOf(run);
  const coming = acts[run.face];
  return (
    <main class="notes">
      <h1>
        {run.at + 1} of {lessons.length}: {title}
      </h1>
      <h2>Before</h2>
      <p>{notes.before}</p>
      <h2>The question</h2>
      <p>
        {question} <b>Answer: {choices[answer]}</b>
      </p>
      <h2>The steps</h2>
      <ol>
        {acts.map(({ press, shows }, n) => (
          <li key={press} aria-current={run.face === n + 1 ? 'step' : undefined}>
            <b>{press}.</b> {shows}
          </li>
        ))}
      </ol>
      <h2>After</h2>
      <p>{notes.after}</p>
      <h2>Common misunderstanding</h2>
      <p>{notes.misunderstanding}</p>
      <div class="row">
        <button type="button" onClick={() => say({ press: 'back' })}>
          Back
        </button>
        <button
          type="button"
          class="go"
          aria-disabled={run.state !== 'ready'}
          onClick={() => say({ press: 'next' })}
        >
          {coming ? `Next: ${coming.press}` : 'Next'}
        </button>
        <span class="soft" role="status">
          {run.state === 'ready' ? '' : run.state === 'failed' ? (run.trouble ?? '') : `${run.state} …`}
        </span>
      </div>
    </main>
  );
}
