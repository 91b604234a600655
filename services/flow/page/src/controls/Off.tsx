/** The controls are off: why, and how the same is done from a terminal. */
import type { Controls } from '../../../src/protocol.ts';
import { Command } from './Command.tsx';

export function Off({ controls }: { controls: Controls }) {
  return (
    <>
      <p class="notice warn">{controls.why ?? 'The controls are off.'}</p>
      <p>Everything else on this page works without them. This books a ride from a terminal:</p>
      <Command does="Its id is in the answer; paste it under “This ride”." text={controls.commands.book} />
      <p class="soft">Rides that others book are drawn here as they come.</p>
    </>
  );
}
