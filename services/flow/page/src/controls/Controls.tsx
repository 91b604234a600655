/** Everything that can be made to happen, each with a sentence on what it shows. */
import { useEffect } from 'preact/hooks';
import type { View } from '../../../src/protocol.ts';
import { Crash } from './Crash.tsx';
import { Guarantees } from './Guarantees.tsx';
import { KindsOfRide } from './KindsOfRide.tsx';
import { MailFaults } from './MailFaults.tsx';
import { Off } from './Off.tsx';
import { Pace } from './Pace.tsx';
import { Poison } from './Poison.tsx';
import { Processes } from './Processes.tsx';
import { Reset } from './Reset.tsx';
import { Stream } from './Stream.tsx';
import { controls, loadControls } from './state.ts';

export function Controls({ view }: { view: View }) {
  useEffect(() => {
    void loadControls();
    const timer = setInterval(() => document.hidden || void loadControls(), 2000);
    return () => clearInterval(timer);
  }, []);
  const can = controls.value;
  return (
    <div class="controls">
      {!can && <p class="soft">Asking what can be done here …</p>}
      {can && !can.on && <Off controls={can} />}
      {can?.on && (
        <>
          <KindsOfRide />
          <Stream stream={can.stream} />
          <Pace processes={view.processes} services={readers(can.services)} />
          <Processes controls={can} processes={view.processes} />
          <Guarantees controls={can} processes={view.processes} />
          <Crash controls={can} processes={view.processes} />
          <MailFaults fault={can.mailFault} />
          <Poison kinds={can.poisonKinds} />
          <Reset controls={can} />
        </>
      )}
    </div>
  );
}

/** All but the one that reads nothing. */
const readers = (services: object) => Object.keys(services).filter((name) => name !== 'rides');
