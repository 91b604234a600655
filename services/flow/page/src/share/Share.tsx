/** How others see this: the address for the class, as a QR code too; a link to this moment; a picture of the map. */
import { signal } from '@preact/signals';
import type { Shared } from '../../../src/protocol.ts';
import { get } from '../api.ts';
import { Command } from '../controls/Command.tsx';
import { controls, refuse } from '../controls/state.ts';
import { plural } from '../format.ts';
import { save } from '../log/save.ts';
import { choice } from '../ride/choice.ts';
import { linkToNow } from './moment.ts';
import { pictureOf } from './picture.ts';
import { watches } from './watches.ts';

/** The link to the moment when this was opened, and whether it is copied. */
const link = signal({ href: '', copied: false });
/** undefined: not asked yet. */
const shared = signal<Shared | undefined>(undefined);

const load = async () => {
  if (!watches) shared.value = await get<Shared>('/api/share').catch(() => shared.value);
  link.value = { href: linkToNow(shared.value?.address ?? location.origin), copied: false };
};

const select = ({ currentTarget }: { currentTarget: HTMLInputElement }) => currentTarget.select();

async function copy(): Promise<void> {
  const { href } = link.value;
  const copied = await navigator.clipboard.writeText(href).then(
    () => true,
    () => false,
  );
  link.value = { href, copied };
}

async function savePicture(): Promise<void> {
  const parts = ['.plan', '.foot'].flatMap((name) => document.querySelector<HTMLElement>(name) ?? []);
  try {
    save('rideflow.png', 'image/png', await pictureOf(parts));
  } catch (error) {
    refuse(error);
  }
}

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
      {!watches && <ForTheClass />}
      <h3>This moment</h3>
      <p>
        {choice.value
          ? 'This link shows the same ride and tab again, for as long as Kafka keeps the ride.'
          : 'This link shows the same tab again. Choose a ride first, and the link shows it too.'}
      </p>
      <div class="row">
        <input aria-label="Link to this moment" readOnly value={link.value.href} onFocus={select} />
        {navigator.clipboard && (
          <button type="button" disabled={link.value.href === ''} onClick={() => void copy()}>
            {link.value.copied ? 'Copied' : 'Copy'}
          </button>
        )}
      </div>
      <div class="row">
        <button type="button" onClick={() => void savePicture()}>
          Save the picture (PNG)
        </button>
      </div>
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
        {controls.value && (
          <Command does="Stop rideflow and start it again:" text={controls.value.commands.share} />
        )}
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
