/** The ports that a system needs on this machine. */
import { isBlocked } from '@rideflow/shared/http/blocked-ports.ts';
import { portIsTaken } from '../broker/ports.ts';
import { defaultPorts, type Ports } from './names.ts';

export interface NeededPort {
  port: number;
  /** Who needs it: `rides`, or `Kafka`. */
  who: string;
  /** Serves HTTP. */
  http: boolean;
}

export const longestOffset = 50_000;
const kafkaPort = 9092;

/** The ports of the processes. @param offset is added to each port */
export const processPorts = (offset: number): Required<Ports> => ({
  ...defaultPorts,
  ...Object.fromEntries(Object.entries(defaultPorts).map(([name, port]) => [name, port + offset])),
});

/** The ports of the brokers. @param nodes 0 if KAFKA_BROKERS names other brokers */
export const kafkaPorts = (offset: number, nodes: number): number[] =>
  Array.from({ length: nodes }, (_, i) => kafkaPort + i + offset);

/** All ports, sorted by name. */
export function neededPorts(offset: number, nodes: number): NeededPort[] {
  const processes = Object.entries(processPorts(offset));
  return [
    ...processes.map(([name, port]) => ({
      port,
      who: name === 'smtp' ? 'mailbox' : name,
      http: name !== 'smtp',
    })),
    ...kafkaPorts(offset, nodes).map((port) => ({ port, who: 'Kafka', http: false })),
  ];
}

/** The first port that every browser refuses. */
export const blockedPort = (offset: number): NeededPort | undefined =>
  neededPorts(offset, 0).find(({ port, http }) => http && isBlocked(port));

/** The nearest offset without a port that browsers refuse. */
export function nearestOffset(offset: number): number {
  for (let distance = 0; ; distance++) {
    for (const near of [offset - distance, offset + distance])
      if (near >= 0 && near <= longestOffset && !blockedPort(near)) return near;
  }
}

export async function takenPorts(offset: number, nodes: number): Promise<NeededPort[]> {
  const needed = neededPorts(offset, nodes);
  const taken = await Promise.all(needed.map(({ port }) => portIsTaken(port)));
  return needed.filter((_, i) => taken[i]);
}

/** The next multiple of 100 as offset with which every port is free and no browser refuses one; undefined if there is none. */
export async function freeOffset(offset: number, nodes: number): Promise<number | undefined> {
  for (let next = offset + 100; next <= longestOffset; next += 100) {
    if (!blockedPort(next) && (await takenPorts(next, nodes)).length === 0) return next;
  }
  return undefined;
}
