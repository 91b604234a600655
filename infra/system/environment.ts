/** The environment of each process of the system. */
import { topology } from '@rideflow/shared/topology.ts';
import { compileCache } from '../run/machine.js';
import { nodeOptionsOf } from '../run/node-options.js';
import { type Ports, type ProcessName, serviceNames } from './names.ts';

export interface SystemSettings {
  brokers: string[];
  ports: Ports;
  /** The file with the statistics of analytics. */
  database: string;
  replicationFactor: number;
  /** Passed on to every process; see `sortOut` for the environment of a user. */
  env: NodeJS.ProcessEnv;
  /** Whether the flow page can control the system. */
  teaching?: boolean;
  /** More variables for single processes. */
  extra?: Partial<Record<ProcessName, NodeJS.ProcessEnv>>;
}

/** The address of a process's HTTP port. */
export const urlOf = (name: ProcessName, ports: Ports) => `http://localhost:${ports[name]}`;

/** Variables in `env` take precedence over the choices of the system, unless the system would not work with them. */
export function environmentOf(name: ProcessName, settings: SystemSettings): NodeJS.ProcessEnv {
  const { env, extra, brokers, ports, replicationFactor, teaching } = settings;
  return {
    NODE_COMPILE_CACHE: compileCache, // halves the start time and saves 25 MB in each process
    NODE_OPTIONS: nodeOptionsOf(name).join(' '),
    ...smallBuffers,
    REPLICATION_FACTOR: String(replicationFactor),
    ...(teaching && serviceNames.some((service) => service === name) && { ADMIN: 'on' }),
    ...(ports.flow !== undefined && { FLOW_URL: urlOf('flow', ports) }),
    PUBLIC_RIDES_URL: urlOf('rides', ports),
    ANALYTICS_URL: urlOf('analytics', ports),
    ...chosenFor(name, settings),
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
    KAFKA_BROKERS: brokers.join(','),
    ...fixedFor(name, settings),
    ...extra?.[name],
  };
}

/**
 * For glibc. Otherwise it keeps freed network buffers in fragments, because its threshold for giving memory back grows with
 * them: flow and transaction took 27 MB more. Other systems ignore it.
 */
const smallBuffers = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

function chosenFor(name: ProcessName, { ports, teaching }: SystemSettings): NodeJS.ProcessEnv {
  const url = (process: ProcessName) => urlOf(process, ports);
  switch (name) {
    case 'email':
      return { SMTP_URL: `smtp://localhost:${ports.smtp}` };
    case 'flow':
      return {
        RIDES_URL: url('rides'),
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
      // flow only observes, so the choices for the services do not apply to it.
      return { GUARANTEE: '', CRASH_AT: '' };
    default: {
      const possible: readonly string[] = topology[name].possible;
      return possible.includes(env.GUARANTEE ?? '') ? {} : { GUARANTEE: '' };
    }
  }
}
