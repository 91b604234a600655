/** What each process of the system is told by its environment. */
import { join } from 'node:path';
import { topology } from '@rideflow/shared/topology.ts';
import { nodeOptionsOf } from '../run/node-options.js';
import { type Ports, type ProcessName, serviceNames } from './names.ts';

export interface SystemSettings {
  brokers: string[];
  ports: Ports;
  /** Where analytics keeps its statistics. */
  database: string;
  replicationFactor: number;
  /** Passed on to every process; see `sortOut` for that of a user. */
  env: NodeJS.ProcessEnv;
  /** Whether the page of flow may make things happen. */
  teaching?: boolean;
  /** Further variables for one process. */
  extra?: Partial<Record<ProcessName, NodeJS.ProcessEnv>>;
}

/** The address of a process's HTTP port. */
export const urlOf = (name: ProcessName, ports: Ports) => `http://localhost:${ports[name]}`;

/** What `env` has set counts before what the system would choose, except where the system could not work then. */
export function environmentOf(name: ProcessName, settings: SystemSettings): NodeJS.ProcessEnv {
  const { env, extra, brokers, replicationFactor, teaching } = settings;
  return {
    // Compiled code is kept between starts: a start takes half the time, and a process 25 MB less. In a folder of the user's own:
    // code that somebody else could have put there would run.
    NODE_COMPILE_CACHE: join(import.meta.dirname, '../../.rideflow/compile-cache'),
    NODE_OPTIONS: nodeOptionsOf(name).join(' '),
    REPLICATION_FACTOR: String(replicationFactor),
    ...(teaching && serviceNames.some((service) => service === name) && { ADMIN: 'on' }),
    ...chosenFor(name, settings),
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
    KAFKA_BROKERS: brokers.join(','),
    ...fixedFor(name, settings),
    ...extra?.[name],
  };
}

function chosenFor(name: ProcessName, { ports, teaching }: SystemSettings): NodeJS.ProcessEnv {
  const url = (process: ProcessName) => urlOf(process, ports);
  switch (name) {
    case 'email':
      return { SMTP_URL: `smtp://localhost:${ports.smtp}` };
    case 'rides':
      return { FLOW_URL: url('flow'), ANALYTICS_URL: url('analytics') };
    case 'analytics':
      return { FLOW_URL: url('flow'), PUBLIC_RIDES_URL: url('rides') };
    case 'flow':
      return {
        RIDES_URL: url('rides'),
        ANALYTICS_URL: url('analytics'),
        MAILBOX_URL: url('mailbox'),
        PUBLIC_MAILBOX_URL: url('mailbox'),
        FEEDS: serviceNames.map((service) => `${service}=${url(service)}`).join(','),
        TEACHING: teaching ? 'on' : 'off',
      };
    default:
      return {};
  }
}

function fixedFor(name: ProcessName, { env, ports, database }: SystemSettings): NodeJS.ProcessEnv {
  switch (name) {
    case 'mailbox':
      return { SMTP_PORT: String(ports.smtp), MAILBOX_PORT: String(ports.mailbox) };
    case 'analytics':
      return { DATABASE: database };
    case 'flow':
      // What is chosen for the services does not fit one that only looks on.
      return { GUARANTEE: '', CRASH_AT: '' };
    default: {
      const possible: readonly string[] = topology[name].possible;
      return possible.includes(env.GUARANTEE ?? '') ? {} : { GUARANTEE: '' };
    }
  }
}
