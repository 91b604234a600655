/** What `npm start` makes of its own environment, before anything is started. */
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

/** Every variable that some process reads. */
const shape = {
  ...commonConfig('transaction', 0),
  ...controlSettings,
  ...observerSettings,
  ...ridesSettings,
  ...mailSettings,
  ...analyticsSettings,
  ...mailboxSettings,
  GUARANTEE: z.enum(guarantees).optional(), // each service has its own
};

export const variables = Object.keys(shape);

const ports = 'each process has ports of its own, which --port-offset moves';
/** What is decided here, whatever the environment says. */
const decided: Record<string, string> = { PORT: ports, SMTP_PORT: ports, MAILBOX_PORT: ports };
/** What is used with the prefix alone: as another program means it, it would do harm. */
const onPurpose: Record<string, string> = {
  DATABASE: 'analytics has a file for each Kafka cluster',
  SMTP_URL: 'every mail goes to the mailbox',
};
/** Where a process can listen and be reached as localhost. */
const local = ['localhost', '127.0.0.1', '::1', '0.0.0.0', '::'];
/** Host ports in docker-compose.yml. */
const ofCompose = /^(RIDES|TRANSACTION|EMAIL|ANALYTICS|FLOW|KAFKA|MAILBOX_SMTP|PROMETHEUS)_PORT(_\d)?$/;

export interface Start {
  /** How many brokers are started; undefined where KAFKA_BROKERS names them. */
  brokers: number | undefined;
  /** False with --no-controls. */
  controls: boolean;
}

/**
 * Keeps what is meant for the processes, under its name without the prefix, and tells of each variable that is set and not used.
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
      drop(name, `it is for docker compose; ${ports}`);
  }
  for (const name of variables.filter((name) => given(kept, name))) {
    if (decided[name]) drop(name, decided[name]);
    else if (onPurpose[name] && !kept[prefix + name])
      drop(name, `${onPurpose[name]}. ${prefix}${name} would be used`);
    else if (brokers && /^KAFKA_(TLS|SASL)/.test(name))
      drop(name, 'the Kafka that is started here wants no login');
    else if (brokers && name === 'REPLICATION_FACTOR' && Number(given(kept, name)) > brokers)
      drop(
        name,
        `${brokers === 1 ? 'there is one broker; --cluster starts three' : 'there are three brokers'}`,
      );
  }
  if (!brokers && kept.KAFKA_VERSION) drop('KAFKA_VERSION', 'KAFKA_BROKERS names a Kafka that runs already');
  if (!controls && given(kept, 'TEACHING')) drop('TEACHING', 'of --no-controls');
  const { GUARANTEE, HOST } = readConfig(shape, kept, (line, name) => {
    tell(line);
    drop(name);
  });
  if (!local.includes(HOST))
    drop('HOST', `the processes are reached at localhost; ${local.join(', ')} are possible`);
  for (const service of serviceNames) {
    const { reads, possible }: { reads: string | null; possible: readonly string[] } = topology[service];
    if (GUARANTEE && reads && !possible.includes(GUARANTEE))
      tell(`GUARANTEE=${GUARANTEE} is not used by ${service}, which can be ${possible.join(' or ')}.`);
  }
  for (const name of variables.filter((name) => kept[prefix + name])) {
    kept[name] = kept[prefix + name];
    delete kept[prefix + name];
  }
  return kept;
}
