/** Where the ride stands below the map, as on a phone: what was chosen, and the way to it. */
import { useEffect, useState } from 'preact/hooks';
import { placeOf } from '../coordinates.ts';
import { shortId } from '../format.ts';
import { story } from './choice.ts';

export function ToRide() {
  const [below, setBelow] = useState(false);
  const told = story.value;
  const isChosen = told !== null;
  useEffect(() => {
    const details = document.getElementById('details');
    if (!isChosen || !details) return;
    const observer = new IntersectionObserver(([seen]) => setBelow(!seen?.isIntersecting), {
      rootMargin: '0px 0px -25% 0px',
    });
    observer.observe(details);
    return () => observer.disconnect();
  }, [isChosen]);
  if (!told || !below) return null;
  return (
    <button type="button" class="to-ride" onClick={goThere}>
      <span>
        <b>{placeOf(told.ride) ? told.ride : `ride ${shortId(told.ride)}`}</b> {told.summary}
      </span>
      see its path ↓
    </button>
  );
}

function goThere(): void {
  const details = document.getElementById('details');
  details?.scrollIntoView();
  details?.focus({ preventScroll: true });
}
