/** How often the effect of one message happens: to be chosen, and then to be tried by killing. */
import type { Controls, Process } from '../../../src/protocol.ts';
import { type TermName, terms } from '../glossary/terms.ts';
import { Command } from './Command.tsx';
import { Fold } from './Fold.tsx';
import { guaranteeOf } from './guarantee-of.ts';
import { busy, control } from './state.ts';

export function Guarantees({ controls, processes }: { controls: Controls; processes: Process[] }) {
  const now = (service: string) => guaranteeOf(service, processes)?.guarantee ?? null;
  const choices = Object.entries(controls.services).filter(([, { guarantees }]) => guarantees.length > 1);
  return (
    <Fold
      title="The guarantee"
      shows="Choose one, kill the process in the middle, and see in the sum whether a ride is lost, decided twice, or neither."
      now={now('transaction')?.replaceAll('-', ' ') ?? null}
    >
      {controls.processes === 'here' ? (
        choices.map(([service, { guarantees }]) => (
          <fieldset key={service} class="service">
            <legend>{service}</legend>
            {guarantees.map((guarantee) => (
              <label key={guarantee} class="option">
                <input
                  type="radio"
                  name={`guarantee ${service}`}
                  checked={now(service) === guarantee}
                  disabled={busy.value === `PUT /guarantee/${service}`}
                  onChange={() => void control('PUT', `/guarantee/${service}`, { guarantee })}
                />
                <span>
                  <b>{guarantee.replaceAll('-', ' ')}</b> <span class="soft">{says(guarantee)}</span>
                </span>
              </label>
            ))}
          </fieldset>
        ))
      ) : (
        <Command does="start transaction with another one" text={controls.commands.guarantee} />
      )}
    </Fold>
  );
}

const says = (guarantee: string) => terms[guarantee.replaceAll('-', ' ') as TermName] ?? '';
