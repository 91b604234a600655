/** Over the page while presenting: the list of keys, or the question before everything is reset. */
import { useEffect, useRef } from 'preact/hooks';
import { keys, overlay } from './keys.ts';
import { lessonOf, reset, run } from './run.ts';

function confirmed() {
  overlay.value = null;
  void reset();
}

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
          <h2>Reset everything?</h2>
          <p>All topics, statistics and mails are deleted, and every process starts again.</p>
          {run.value && <p>The lesson “{lessonOf(run.value).title}” begins again afterwards.</p>}
          <p>
            <kbd>D</kbd> deletes all data. Any other key cancels.
          </p>
          <div class="row">
            <button type="button" onClick={() => (overlay.value = null)}>
              Cancel
            </button>
            <button type="button" onClick={confirmed}>
              Delete all data
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
