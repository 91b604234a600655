/** Over the page while presenting: the list of keys, or the question before everything is forgotten. */
import { useEffect, useRef } from 'preact/hooks';
import { keys, overlay } from './keys.ts';
import { lessonOf, run } from './run.ts';

export function Overlay() {
  const box = useRef<HTMLDialogElement>(null);
  const shown = overlay.value;
  useEffect(() => {
    if (shown && !box.current?.open) box.current?.showModal();
    if (!shown && box.current?.open) box.current.close();
  }, [shown]);
  return (
    <dialog
      ref={box}
      class="overlay"
      aria-label={shown === 'reset' ? 'Reset' : 'Keys'}
      onCancel={() => (overlay.value = null)}
    >
      {shown === 'help' && (
        <>
          <h2>Keys</h2>
          <dl>
            {keys.map(({ name, does }) => (
              <div key={name}>
                <dt>
                  <kbd>{name}</kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <p class="soft">Any key closes this list.</p>
          <button type="button" onClick={() => (overlay.value = null)}>
            Close
          </button>
        </>
      )}
      {shown === 'reset' && (
        <>
          <h2>Forget everything?</h2>
          <p>All topics, statistics and mails will be gone, and every process starts again.</p>
          {run.value && <p>The lesson “{lessonOf(run.value).title}” begins again afterwards.</p>}
          <p>
            <kbd>R</kbd> forgets it all. Any other key keeps it.
          </p>
          <button type="button" onClick={() => (overlay.value = null)}>
            Keep it
          </button>
        </>
      )}
    </dialog>
  );
}
