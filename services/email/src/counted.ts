/** Counts the outcome of each attempt to send a mail. */
import { Unprocessable } from '@rideflow/shared/errors.ts';
import { Counter, type Registry } from 'prom-client';
import type { Mailer } from './smtp.ts';

/** The same mailer, with a metric: accepted by the server, deferred (to be sent again), or rejected permanently. */
export function counted(mailer: Mailer, registry: Registry): Mailer {
  const mails = new Counter({
    name: 'rideflow_mails_total',
    help: 'Attempts to send a mail: accepted by the mail server, deferred until a retry, or rejected permanently',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['accepted', 'deferred', 'rejected']) mails.inc({ outcome }, 0);
  return {
    ...mailer,
    async send(mail) {
      try {
        await mailer.send(mail);
        mails.inc({ outcome: 'accepted' });
      } catch (error) {
        mails.inc({ outcome: error instanceof Unprocessable ? 'rejected' : 'deferred' });
        throw error;
      }
    },
  };
}
