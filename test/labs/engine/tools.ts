/** What the student's code is called with. Each lab's type in kit.ts shows its part of it. */
import type { Kafka } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { accountsIn } from './accounts.ts';
import { openDatabase } from './database.ts';
import { decideRide, park, recordOf } from './decisions.ts';
import { deskIn } from './desk.ts';
import { mailerIn } from './mails.ts';
import { paymentsOf } from './payments.ts';
import { pointsIn } from './points.ts';

/** What the tools tell: with what an effect is for, before and after it happens. */
export interface Effects {
  begun: (what: string) => void;
  done: (what: string) => void;
}

/** @param database its file */
export function toolsFor(kafka: Kafka, database: string, { begun, done }: Effects) {
  const db = openDatabase(database);
  return {
    kafka,
    decide: decideRide,
    park,
    record: recordOf,
    accounts: accountsIn(db, begun),
    payments: paymentsOf(begun, done),
    points: pointsIn(db, begun, done),
    mailer: mailerIn(db, begun),
    db: deskIn(db, begun),
  };
}
