/** Arms a place in the program at which one process dies. */
import { useState } from 'preact/hooks';
import type { Controls, Process } from '../../../src/protocol.ts';
import { Ask } from './Ask.tsx';
import { nextAt } from './crash-place.ts';
import { Fold } from './Fold.tsx';

export function Crash({ controls, processes }: { controls: Controls; processes: Process[] }) {
  const armed = processes.find(({ crashPoint, state }) => crashPoint && state !== 'gone');
  const services = Object.entries(controls.services).filter(([, { crashPoints }]) => crashPoints.length > 0);
  return (
    <Fold
      title="Die at a chosen place"
      shows="A crash between two steps is where guarantees differ. A process dies there as if by kill -9, on the first message or a later one."
      now={armed ? `${armed.name} at ${nextAt(armed.crashPoint ?? '')}` : null}
    >
      {services.map(([service, { crashPoints }]) => (
        <Service
          key={service}
          service={service}
          points={crashPoints}
          armed={processes.some((process) => process.service === service && process.crashPoint)}
        />
      ))}
    </Fold>
  );
}

interface Props {
  service: string;
  points: { name: string; text: string }[];
  armed: boolean;
}

function Service({ service, points, armed }: Props) {
  const [point, setPoint] = useState(points[0]?.name ?? '');
  const [pass, setPass] = useState(1);
  return (
    <fieldset class="service">
      <legend>{service}</legend>
      {points.map(({ name, text }) => (
        <label key={name} class="option">
          <input
            type="radio"
            name={`crash ${service}`}
            checked={point === name}
            onChange={() => setPoint(name)}
          />
          <span>
            <b>{name}</b> <span class="soft">{text}</span>
          </span>
        </label>
      ))}
      <div class="row">
        <label class="inline">
          on message{' '}
          <input
            type="number"
            min={1}
            max={9999}
            value={pass}
            onInput={({ currentTarget }) =>
              setPass(Math.max(1, Math.round(currentTarget.valueAsNumber) || 1))
            }
          />
        </label>
        <Ask method="PUT" path={`/crash/${service}`} body={{ at: `${point}:${pass}` }}>
          Arm {service}
        </Ask>
        <Ask method="DELETE" path={`/crash/${service}`} disabled={!armed}>
          Disarm {service}
        </Ask>
      </div>
    </fieldset>
  );
}
