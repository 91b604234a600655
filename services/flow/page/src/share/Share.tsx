/** How others see this: the address for the class, as a QR code too. */
import { signal } from '@preact/signals';
import type { Shared } from '../../../src/protocol.ts';
import { get } from '../api.ts';
import { Command } from '../controls/Command.tsx';
import { plural } from '../format.ts';

/** undefined: not asked yet. */
const shared = signal<Shared | undefined>(undefined);

const load = async () => {
  shared.value = await get<Shared>('/api/share').catch(() => shared.value);
};

export function ShareButton() {
  return (
    <button type="button" popovertarget="share" onClick={() => void load()}>
      Share
    </button>
  );
}

/** Stands once on the page. Escape or a click elsewhere closes it (the popover of the browser). */
export function Share() {
  return (
    <div id="share" class="explanation share" popover="auto" role="dialog" aria-label="Share">
      <ForTheClass />
    </div>
  );
}

function ForTheClass() {
  const where = shared.value;
  if (where === undefined) return <p class="soft">Asking whether this page is shared …</p>;
  if (where === null)
    return (
      <>
        <h3>For a class</h3>
        <p>
          This page answers on this machine alone. With this, everybody on your network can watch it, and
          nobody can change anything:
        </p>
        <Command does="Stop rideflow and start it again:" text="npm start -- --share" />
      </>
    );
  const { address, qr, watching } = where;
  return (
    <>
      <h3>For a class</h3>
      <p>
        Everybody on this network can watch at <a href={address}>{address}</a>. Nothing can be changed there.
        {watching > 0 && ` ${plural(watching, 'page')} open now.`}
      </p>
      <svg
        class="qr"
        viewBox={`0 0 ${qr.size} ${qr.size}`}
        role="img"
        aria-label={`QR code of ${address}`}
        shape-rendering="crispEdges"
      >
        <path d={qr.path} />
      </svg>
    </>
  );
}
