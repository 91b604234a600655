/** Sorts out the environment of `npm start` before anything is started. */
import { commonConfig, given, prefix, readConfig } from '@rideflow/shared/config.ts';
import { guarantees, topology } from '@rideflow/shared/topology.ts';
import { z } from 'zod';
import { analyticsSettings } from '../../services/analytics/src/config.ts';
import { mailSettings } from '../../services/email/src/config.ts';
import { controlSettings } from '../../services/flow/src/controls/settings.ts';
import { observerSettings } from '../../services/flow/src/settings.ts';
import { ridesSettings } from '../../services/rides/src/config.ts';
import { mailboxSettings } from '../mailbox/config.ts';
import { serviceNames } from './names.ts';

/** Every variable that a process reads. */
const shape = {
  ...commonConfig('transaction', 0),
  ...controlSettings,
  ...observerSettings,
  ...ridesSettings,
  ...mailSettings,
  ...analyticsSettings,
  ...mailboxSettings,
  GUARANTEE: z.enum(guarantees).optional(), // differs for each service
};

export const variables = Object.keys(shape);

const ports = 'each process has its own port, which --port-offset changes';
/** Variables that are always set here. */
const decided: Record<string, string> = {
  PORT: ports,
  SMTP_PORT: ports,
  MAILBOX_PORT: ports,
  SHARE: 'here --share chooses the address',
};
/** Variables that need the prefix, because the value for another program would do harm here. */
const onPurpose: Record<string, string> = {
  DATABASE: 'analytics uses one file for each Kafka cluster',
  SMTP_URL: 'mails go to the mailbox',
};
/** Addresses on which a process is reachable as localhost. */
const local = ['localhost', '127.0.0.1', '::1', '0.0.0.0', '::'];
/** Host ports in docker-compose.yml. */
const ofCompose =
  /^(RIDES|TRANSACTION|EMAIL|ANALYTICS|FLOW|KAFKA|MAILBOX_SMTP|PROMETHEUS|GRAFANA|JAEGER)_PORT(_\d)?$/;

export interface Start {
  /** Number of brokers to start; undefined if KAFKA_BROKERS names them. */
  brokers: number | undefined;
  /** False with --no-controls. */
  controls: boolean;
}

/**
 * Keeps the variables for the processes, without the prefix, and reports each variable that is set but not used.
 * @throws ConfigError one line per wrong variable
 */
export function sortOut(
  env: NodeJS.ProcessEnv,
  { brokers, controls }: Start,
  tell: (line: string) => void,
): NodeJS.ProcessEnv {
  const kept = { ...env };
  const drop = (name: string, why?: string) => {
    delete kept[name];
    delete kept[prefix + name];
    if (why !== undefined) tell(`${name} is not used: ${why}.`);
  };
  for (const name of Object.keys(env)) {
    if (!env[name]) delete kept[name];
    else if (ofCompose.test(name) && /^\d+$/.test(env[name]))
      drop(name, `it is only for docker compose; ${ports}`);
  }
  for (const name of variables.filter((name) => given(kept, name))) {
    if (decided[name]) drop(name, decided[name]);
    else if (onPurpose[name] && !kept[prefix + name])
      drop(name, `${onPurpose[name]}. To use it, set ${prefix}${name}`);
    else if (brokers && /^KAFKA_(TLS|SASL)/.test(name))
      drop(name, 'the broker that is started here requires no login');
    else if (brokers && name === 'REPLICATION_FACTOR' && Number(given(kept, name)) > brokers)
      drop(
        name,
        `${brokers === 1 ? 'there is one broker; --cluster starts three' : 'there are three brokers'}`,
      );
  }
  if (!brokers && kept.KAFKA_VERSION) drop('KAFKA_VERSION', 'KAFKA_BROKERS names a running cluster');
  if (!controls && given(kept, 'TEACHING')) drop('TEACHING', '--no-controls is set');
  const { GUARANTEE, HOST } = readConfig(shape, kept, (line, name) => {
    tell(line);
    drop(name);
  });
  if (!local.includes(HOST))
    drop('HOST', `the processes must be reachable at localhost. Use ${local.join(', ')}`);
  for (const service of serviceNames) {
    const { reads, possible }: { reads: string | null; possible: readonly string[] } = topology[service];
    if (GUARANTEE && reads && !possible.includes(GUARANTEE))
      tell(`GUARANTEE=${GUARANTEE} is not used by ${service}, which supports ${possible.join(' and ')}.`);
  }
  for (const name of variables.filter((name) => kept[prefix + name])) {
    kept[name] = kept[prefix + name];
    delete kept[prefix + name];
  }
  return kept;
}
