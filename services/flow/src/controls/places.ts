/** What can be done with the processes of each service: how many there may be, and at which places they can be made to die. */
import type { CrashPoint } from '@rideflow/shared/crash-points.ts';
import type { ServiceName } from '@rideflow/shared/topology.ts';

/** How many processes a service may have: analytics owns a file, and whoever books knows the address of one rides. */
export const mostProcesses = { rides: 1, transaction: 6, email: 6, analytics: 1 } as const;

type Places = Partial<Record<CrashPoint, string>>;

export const places: Partial<Record<ServiceName, Places>> = {
  transaction: {
    'before-produce':
      'It dies when it has decided and nothing is written: whoever takes over decides the same again.',
    'after-produce':
      'It dies when the decisions are written and the place in the input is not: in an open transaction, which Kafka aborts; at least once, they are then decided twice.',
    'after-commit':
      'It dies when its place in the input is committed. At most once, nothing is decided by then: the ride is lost.',
  },
  email: {
    'after-mail':
      'It dies when the mail server has taken the mail and its own place is not committed: the mail goes out again, with the same Message-ID.',
    'after-commit':
      'It dies when its place is committed. At most once, nothing is mailed by then: the mail is lost.',
  },
  analytics: {
    'mid-statistics':
      'It dies with the results written and the database transaction open: the database forgets them, and they are counted again.',
    'after-commit':
      'It dies when its place is committed; exactly once, the database alone says where to go on.',
  },
};
