/** What the student's code is called with. */

import type { CrashPoint } from '@rideflow/shared/crash-points.ts';
import type { Kafka } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { decideRide } from './decisions.ts';
import { pointsIn } from './points.ts';

interface Given {
  kafka: Kafka;
  /** The file of the database. */
  database: string;
  at: (point: CrashPoint, where: string) => void;
  begun: (place: string) => void;
}

export const toolsFor = ({ kafka, database, at, begun }: Given) => ({
  kafka,
  decide: decideRide,
  points: pointsIn(database, at, begun),
});
