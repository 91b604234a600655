/** What the mail server does with the next mails. */
import type { MailFault } from '../../../src/protocol.ts';
import { Fold } from './Fold.tsx';
import { busy, control } from './state.ts';

const faults: Record<MailFault, string> = {
  none: 'accepts every mail',
  later: 'answers 451, try later: email waits and tries again, its lag grows',
  never: 'answers 550, refused for good: the message becomes a dead letter of email',
  hang: 'does not answer: email gives up after a while and tries again',
  breakOff:
    'takes the mail and breaks off before saying so: it is mailed twice, with the same Message-ID. Exactly once ends here',
};

export function MailFaults({ fault }: { fault: MailFault | null }) {
  return (
    <Fold
      title="Faults of the mail server"
      shows="A mail cannot be taken back, so delivery to the mail server is at best at least once."
      now={fault && fault !== 'none' ? (fault === 'breakOff' ? 'breaks off' : fault) : null}
    >
      {fault === null ? (
        <p class="soft">This mail server cannot be made to fail. The one that npm start brings can.</p>
      ) : (
        Object.entries(faults).map(([name, text]) => (
          <label key={name} class="option">
            <input
              type="radio"
              name="mail fault"
              checked={fault === name}
              disabled={busy.value === 'PUT /mail'}
              onChange={() => void control('PUT', '/mail', { fault: name })}
            />
            <span>{text}</span>
          </label>
        ))
      )}
    </Fold>
  );
}
