/** The first visit: on the empty map, five captions in the order of a ride's way, and the one button to press. */
import { BookButton } from '../controls/BookButton.tsx';
import type { MapLayout } from '../map/layout.ts';
import { way } from './way.ts';

export function Captions({ layout }: { layout: MapLayout }) {
  const lanes = (topic: string) => layout.lanes.filter(({ lane }) => lane.topic === topic);
  const station = (name: string) => layout.rows.find((row) => row.kind === 'station' && row.name === name);
  const places = {
    rides: station('rides'),
    requests: lanes('ride_details')[0],
    transaction: station('transaction'),
    decisions: lanes('ride_confirmed')[0],
    effects: station('analytics'),
  };
  return (
    <ol class="captions" style={{ left: `${layout.left}px`, width: `${layout.right - layout.left}px` }}>
      {way.map(({ at, text }, i) => (
        <li key={at} style={{ top: `${places[at]?.y ?? 0}px`, height: `${places[at]?.height ?? 0}px` }}>
          <b>{i + 1}</b>
          {at === 'rides' && <BookButton main>Book a ride</BookButton>}
          <span>{text}</span>
        </li>
      ))}
    </ol>
  );
}
