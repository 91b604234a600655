/** For students: what they see here, and how each of them gets a rideflow of their own to break. */
import { Command } from '../controls/Command.tsx';

export function RunYourOwn() {
  return (
    <>
      <h3>You watch the teacher’s rideflow</h3>
      <p>
        This page shows everything as it happens, and changes nothing. Choose a mark or a ride to follow it:
        each of you can look at a different one.
      </p>
      <h3>Run your own</h3>
      <p>With your own rideflow you can book rides, kill processes and do every lesson. You need:</p>
      <ul>
        <li>the folder rideflow, from your teacher;</li>
        <li>Node 18 or newer, and either Docker or Java 17 with Maven;</li>
        <li>about 2 GB of free memory.</li>
      </ul>
      <Command does="In the folder rideflow; its page is then at http://localhost:4004." text="npm start" />
      <Command does="With Docker alone:" text="docker compose up" />
    </>
  );
}
