/** What the student's code is called with. Each lab's type in kit.ts shows its part of it. */
import type { Kafka } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { accountsIn } from './accounts.ts';
import { openDatabase } from './database.ts';
import { decideRide, park, recordOf } from './decisions.ts';
import { deskIn } from './desk.ts';
import { mailerIn } from './mails.ts';
import { pointsIn } from './points.ts';

/** @param database its file @param begun called with what an effect is for, before it happens */
export function toolsFor(kafka: Kafka, database: string, begun: (what: string) => void) {
  const db = openDatabase(database);
  return {
    kafka,
    decide: decideRide,
    park,
    record: recordOf,
    accounts: accountsIn(db, begun),
    points: pointsIn(db, begun),
    mailer: mailerIn(db, begun),
    db: deskIn(db, begun),
  };
}
