/** What can be done with the processes of each service: how many there may be, and at which places they can be made to die. */
import type { CrashPoint } from '@rideflow/shared/crash-points.ts';
import { Problem } from '@rideflow/shared/http/problem.ts';
import { type ServiceName, topology } from '@rideflow/shared/topology.ts';
import type { Controls } from '../protocol.ts';

/** How many processes a service may have: analytics owns a file, and whoever books knows the address of one rides. */
export const mostProcesses = { rides: 1, transaction: 6, email: 6, analytics: 1 } as const;

type Places = Partial<Record<CrashPoint, string>>;

const places: Partial<Record<ServiceName, Places>> = {
  transaction: {
    'before-produce':
      'It dies when it has decided and nothing is written: whoever takes over decides the same again.',
    'after-produce':
      'It dies when the decision is written and its offset is not committed. With exactly once, Kafka aborts the open transaction; with at least once, the ride is decided twice.',
    'after-commit':
      'It dies when the offset is committed. With at most once, nothing is decided by then: the ride is lost.',
  },
  email: {
    'after-mail':
      'It dies when the mail server has taken the mail and its own offset is not committed: the mail goes out again, with the same Message-ID.',
    'after-commit':
      'It dies when the offset is committed. With at most once, nothing is mailed by then: the mail is lost.',
  },
  analytics: {
    'mid-statistics':
      'It dies with the results written and the database transaction open: the database forgets them, and they are counted again.',
    'after-commit':
      'It dies when the offset is committed. With exactly once, it continues from the offset in the database.',
  },
};

/** The services whose processes can be told what to do. */
export const controlled = (Object.keys(topology) as ServiceName[]).filter((name) => name !== 'flow');

/** What can be chosen for a service. */
export function choices(service: ServiceName): Controls['services'][string] {
  return {
    most: service in mostProcesses ? mostProcesses[service as keyof typeof mostProcesses] : 1,
    guarantees: [...topology[service].possible],
    crashPoints: Object.entries(places[service] ?? {}).map(([name, text]) => ({ name, text })),
  };
}

/** @throws Problem 404 for a name that is none */
export function known(name: unknown): ServiceName {
  const service = controlled.find((one) => one === name);
  if (service) return service;
  throw new Problem(
    404,
    `There is no service ${JSON.stringify(String(name).slice(0, 100))}; ${controlled.join(', ')} are.`,
  );
}

/** @throws Problem also for a service that reads nothing */
export function reader(name: unknown): ServiceName {
  const service = known(name);
  if (topology[service].reads) return service;
  throw new Problem(409, `${service} reads no topic, so it has no pace, no crash points and one guarantee.`);
}
