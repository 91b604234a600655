/** Starts, stops and kills processes, or says which command does. */
import type { Controls, Process } from '../../../src/protocol.ts';
import { processColour } from '../map/colours.ts';
import { wordsFor } from '../map/StartButton.tsx';
import { lives, runs } from '../processes.ts';
import { Ask } from './Ask.tsx';
import { Command } from './Command.tsx';
import { Fold } from './Fold.tsx';

export function Processes({ controls, processes }: { controls: Controls; processes: Process[] }) {
  const { commands } = controls;
  const living = processes.filter(lives);
  const running = (service: string) => processes.filter((one) => one.service === service && runs(one)).length;
  return (
    <Fold
      title="Start, stop and kill processes"
      shows="Partitions are redistributed whenever a process joins or leaves. One that is killed leaves its transaction open until its successor ends it."
    >
      {controls.processes === 'here' ? (
        Object.keys(controls.services).map((service) => (
          <fieldset key={service} class="service">
            <legend>{service}</legend>
            {living
              .filter((process) => process.service === service)
              .map(({ id, name, colour }) => (
                <div key={id} class="row">
                  <span class="name" style={{ '--process': processColour(colour) }}>
                    {name}
                  </span>
                  <Ask
                    method="DELETE"
                    path={`/processes/${encodeURIComponent(id)}?how=stop`}
                    label={`Stop ${name}`}
                  >
                    Stop
                  </Ask>
                  <Ask
                    method="DELETE"
                    path={`/processes/${encodeURIComponent(id)}?how=kill`}
                    label={`kill -9 ${name}`}
                  >
                    kill -9
                  </Ask>
                </div>
              ))}
            {running(service) < (controls.services[service]?.most ?? 0) && (
              <Ask method="POST" path={`/processes/${service}`}>
                {wordsFor(running(service))}
              </Ask>
            )}
          </fieldset>
        ))
      ) : (
        <>
          <p class="soft small">
            {controls.processes === 'compose'
              ? 'The processes run in containers, which this page cannot reach. Type:'
              : 'The processes were started by hand, so this page cannot reach them. Type:'}
          </p>
          <Command does="one more process" text={commands.start} />
          <Command does="stop one: it finishes what it has begun" text={commands.stop} />
          <Command does="kill one: it finishes nothing" text={commands.kill} />
        </>
      )}
    </Fold>
  );
}
