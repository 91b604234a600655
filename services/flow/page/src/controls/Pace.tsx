/** Slow motion, pause and single step, by service. */
import type { Process } from '../../../src/protocol.ts';
import { duration } from '../format.ts';
import { Ask } from './Ask.tsx';
import { Fold } from './Fold.tsx';
import { PaceButtons } from './PaceButtons.tsx';

const delays = [0, 100, 400, 1500];

export function Pace({ processes, services }: { processes: Process[]; services: string[] }) {
  /** One process may differ from the others: it is asked on the map. */
  const paceOf = (service: string) => {
    const all = processes.flatMap(({ service: of, pace, state }) =>
      of === service && pace && state !== 'gone' ? [pace] : [],
    );
    return (
      all.find(({ paused, step }) => paused || step) ?? all[0] ?? { delay: 0, paused: false, step: false }
    );
  };
  const held = services.filter((service) => paceOf(service).paused || paceOf(service).step);
  const slow = services.filter((service) => paceOf(service).delay > 0);
  return (
    <Fold
      title="Slow motion, pause, single step"
      shows="A reader that waits loses nothing: its messages stay on the log, its lag grows, and it continues from its committed offset."
      now={held.length > 0 ? `${held.join(', ')} held` : slow.length > 0 ? `${slow.join(', ')} slow` : null}
    >
      {services.map((service) => {
        const pace = paceOf(service);
        return (
          <fieldset key={service} class="service">
            <legend>{service}</legend>
            <div class="row">
              <span class="soft">wait per message</span>
              {delays.map((delay) => (
                <Ask
                  key={delay}
                  method="PUT"
                  path={`/pace/${service}`}
                  body={{ ...pace, delay }}
                  pressed={pace.delay === delay}
                  label={`${textOf(delay)} per message, ${service}`}
                >
                  {textOf(delay)}
                </Ask>
              ))}
            </div>
            <PaceButtons service={service} pace={pace} />
          </fieldset>
        );
      })}
    </Fold>
  );
}

const textOf = (delay: number) => (delay === 0 ? 'none' : duration(delay));
