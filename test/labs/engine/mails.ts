/** The mail server: what the student's service sends, and what the checker sees. */
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailSeen } from '../../../infra/check/check.ts';
import type { Mailer } from '../kit.ts';
import { at, committed } from './probe.ts';

/** How long the server takes, in milliseconds. */
const moment = 3;

/** @param begun called with the ride of a mail before it is accepted */
export function mailerIn(db: DatabaseSync, begun: (ride: string) => void): Mailer {
  const insert = db.prepare('INSERT INTO mails (message_id, ride) VALUES (?, ?)');
  return {
    async send({ messageId, rideId }) {
      begun(String(rideId));
      at('before-produce', `the mail about ${rideId} is not sent yet`);
      await sleep(moment);
      await committed();
      insert.run(String(messageId), String(rideId));
      at('after-mail', `the server has accepted the mail about ${rideId}`);
    },
  };
}

export const mailsIn = (db: DatabaseSync): MailSeen[] =>
  db
    .prepare('SELECT message_id, ride FROM mails ORDER BY number')
    .all()
    .map(({ message_id, ride }) => ({ messageId: String(message_id), rideId: String(ride) }));
