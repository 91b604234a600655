/** `/` and `/rides/{id}`: the address always names the ride that is shown, so that it can be shared. */
import { effect } from '@preact/signals';
import { placeOf } from './coordinates.ts';
import { choice, choose, story } from './ride/choice.ts';

/** The ride that the address names. */
const named = () => {
  const id = /^\/rides\/([^/]+)$/.exec(location.pathname)?.[1];
  return id ? decodeURIComponent(id) : null;
};

/** Follows the address, and keeps it. */
export function keepAddress(): void {
  const read = () => {
    const ride = named();
    // A message of which no ride is known is named by its coordinates.
    choose(ride === null ? null : placeOf(ride) ? { message: ride } : { ride });
  };
  addEventListener('popstate', read);
  read();
  effect(() => {
    const chosen = choice.value;
    const ride = story.value?.ride ?? (chosen && 'ride' in chosen ? chosen.ride : null);
    if (!chosen && named()) history.pushState(null, '', '/');
    else if (ride && ride !== named()) history.pushState(null, '', `/rides/${encodeURIComponent(ride)}`);
  });
}
