/** Faults of the mailbox that `npm start` runs. Another mail server has none to choose. */
import { Problem } from '@rideflow/shared/http/problem.ts';
import type { MailFault } from '../protocol.ts';
import { ask } from './ask.ts';

/** In milliseconds: it is asked each time that the controls are shown. */
const patience = 1000;

export function createMailFaults(url: string) {
  const order = async (method: 'GET' | 'PUT', body?: { fault: MailFault }) => {
    const answer = await ask('The mailbox', url, { method, path: '/fault', body, patience });
    return (answer as { fault?: MailFault } | null)?.fault ?? null;
  };
  return {
    /** The fault that it has now; null where it cannot be told or does not answer. */
    fault: (): Promise<MailFault | null> => order('GET').catch(() => null),
    /** @throws Problem why it cannot be told */
    async set(fault: MailFault): Promise<void> {
      const told = await order('PUT', { fault }).catch((error: Problem) => {
        if (error.status === 502) throw error;
        return null;
      });
      if (told === fault) return;
      const detail = `The mail server at ${url} cannot be made to fail on request: that is something the mailbox of \`npm start\` does.`;
      throw new Problem(409, detail);
    },
  };
}
