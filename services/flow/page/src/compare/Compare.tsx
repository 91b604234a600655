/** Several rides of one customer, their timelines side by side, oldest first. */
import { useEffect, useRef } from 'preact/hooks';
import { duration, shortId } from '../format.ts';
import { choose } from '../ride/choice.ts';
import { Timeline } from '../ride/Timeline.tsx';
import { type Comparison, comparison, most, toggle } from './compare.ts';

export function Compare() {
  const box = useRef<HTMLDialogElement>(null);
  const shown = comparison.value;
  const isOpen = shown !== null;
  useEffect(() => {
    if (isOpen && !box.current?.open) box.current?.showModal();
    if (!isOpen && box.current?.open) box.current.close();
  }, [isOpen]);
  return (
    <dialog
      ref={box}
      class="compare"
      aria-label={`Rides of ${shown?.customer ?? 'a customer'}`}
      onClose={() => (comparison.value = null)}
    >
      {shown && (
        <>
          <header>
            <h2>Rides of {shown.customer}</h2>
            <button type="button" onClick={() => box.current?.close()}>
              Close
            </button>
          </header>
          <Choice {...shown} />
          <Columns {...shown} />
        </>
      )}
    </dialog>
  );
}

/** Which of them are shown. */
function Choice({ rides, chosen }: Comparison) {
  if (!rides) return <p class="soft">Asking for the rides of this customer …</p>;
  return (
    <fieldset class="row">
      <legend>
        The latest {rides.length === 1 ? 'ride' : `${rides.length} rides`}, newest first. At most {most} are
        shown{chosen.length >= most && ': remove one to add another'}.
      </legend>
      {rides.map(({ ride, coordinates }) => (
        <label key={ride} title={ride}>
          <input
            type="checkbox"
            checked={chosen.includes(ride)}
            disabled={!chosen.includes(ride) && chosen.length >= most}
            onChange={() => toggle(ride)}
          />{' '}
          {shortId(ride)} <code class="soft">{coordinates}</code>
        </label>
      ))}
    </fieldset>
  );
}

function Columns({ chosen, stories, rides }: Comparison) {
  const shown = chosen
    .flatMap((ride) => {
      const story = stories.get(ride);
      const asked = story?.steps[0]?.at ?? rides?.find((one) => one.ride === ride)?.at;
      return story && asked ? [{ story, asked }] : [];
    })
    .sort((a, b) => a.asked - b.asked);
  return (
    <div class="columns">
      {shown.map(({ story, asked }, i) => {
        const before = shown[i - 1];
        return (
          <section key={story.ride} aria-label={`ride ${shortId(story.ride)}`}>
            <h3>
              <button type="button" class="link" onClick={() => choose({ ride: story.ride })}>
                ride {shortId(story.ride)}
              </button>
            </h3>
            <p class="soft">
              {story.summary}. Requested at {exact(asked)}
              {before && `, ${duration(asked - before.asked)} after ride ${shortId(before.story.ride)}`}.
            </p>
            <Timeline story={story} />
          </section>
        );
      })}
    </div>
  );
}

/** `12:03:11.042` where the reader is. */
const exact = (at: number) =>
  `${new Date(at).toLocaleTimeString('en-GB')}.${String(Math.floor(at % 1000)).padStart(3, '0')}`;
