/** What an engineer would choose instead of transaction: programs that copy rides exactly once, as they come. */
import { type Reading, startAsGroup, startReading } from './controls.ts';
import type { Ground } from './ground.ts';
import { findPlatformatic } from './platformatic.ts';
import { startProgram } from './program.ts';
import { findStreams } from './streams.ts';
import type { Goal } from './table.ts';

export interface Peer {
  name: string;
  /** Goals of transaction beside it: with a backlog, and for the times at 200 rides per second. */
  backlog?: Goal[];
  times?: Goal;
  /** Reads `ride_details`. */
  start(ground: Ground): Reading;
}

/** Those that can run on this machine, and a line for each other one. */
export async function findPeers(): Promise<{ peers: Peer[]; missing: string[] }> {
  const missing: string[] = [];
  const streams = await findStreams();
  if (typeof streams === 'string') missing.push(`Kafka Streams was left out: ${streams}.`);
  const ofStreams = (how: string, goals: Partial<Peer>, ...settings: string[]): Peer[] =>
    typeof streams === 'string'
      ? []
      : [
          {
            name: `Kafka Streams ${streams.version}, exactly_once_v2, ${how}`,
            ...goals,
            start: (ground) =>
              startAsGroup(ground, 'streams', 'ride_details', (env) => streams.start(env, settings)),
          },
        ];
  const platformatic = await findPlatformatic();
  if (typeof platformatic === 'string') missing.push(`@platformatic/kafka was left out: ${platformatic}.`);
  const peers: Peer[] = [
    ...ofStreams('as it comes', { backlog: [{ atLeast: 2.5 }, { atMost: 0.3, of: 'cpu' }] }),
    ...ofStreams(
      'commit every 1 ms',
      { times: { atMost: 0.7 } },
      'commit.interval.ms=1',
      'producer.linger.ms=0',
    ),
    {
      name: 'kafkajs eachBatch copy with JSON, no transaction', // the most that kafkajs allows
      start: (ground) => startReading(ground, 'copy-json.ts', 'ride_details'),
    },
    {
      name: 'kafkajs eachBatch copy with JSON in transactions',
      start: (ground) => startReading(ground, 'copy-transaction.ts', 'ride_details'),
    },
    ...(typeof platformatic === 'string'
      ? []
      : [
          {
            name: `@platformatic/kafka ${platformatic.version}, copy with JSON in transactions`,
            start: (ground: Ground) =>
              startAsGroup(ground, 'platformatic', 'ride_details', (env) =>
                startProgram('controls/platformatic.ts', { ...env, ...platformatic.env }),
              ),
          },
        ]),
  ];
  return { peers, missing };
}
