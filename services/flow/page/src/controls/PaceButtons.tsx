/** Pause, step by step, and one step: of one process, or of all processes of a service. */
import type { Process } from '../../../src/protocol.ts';
import { Ask } from './Ask.tsx';

interface Props {
  service: string;
  pace: NonNullable<Process['pace']>;
  /** Its id; by default all of the service. */
  process?: string;
}

export function PaceButtons({ service, pace, process }: Props) {
  const path = `/pace/${service}`;
  const halted = pace.paused || pace.step;
  const of = process !== undefined && { process };
  return (
    <div class="row">
      <Ask method="PUT" path={path} body={{ ...pace, paused: !halted, step: false, ...of }}>
        {halted ? 'Resume' : 'Pause'}
      </Ask>
      <Ask
        method="PUT"
        path={path}
        body={{ ...pace, paused: false, step: !pace.step, ...of }}
        pressed={pace.step}
      >
        Step by step
      </Ask>
      {/* A pause comes before a step. */}
      <Ask method="POST" path={`/step/${service}`} body={{ ...of }} disabled={!pace.step || pace.paused}>
        Step
      </Ask>
    </div>
  );
}
