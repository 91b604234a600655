import { type CommonConfig, readKafkaConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import { reasonOf } from '@rideflow/shared/kafka/client/reason.ts';
import { splitAddress } from '@rideflow/shared/kafka-addresses.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import { readTextFile } from '@rideflow/shared/text-file.ts';
import { PINNED_VERSION } from '../broker/version.ts';
import { metadataVersion, releaseOf } from './features.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

const what = 'Kafka version';
/** The `metadata.version` of 3.9, the oldest tested release. */
const oldest = 21;

/** Checks the cluster that KAFKA_BROKERS names: whether it accepts the login, and whether its release is supported. */
export async function kafka(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  let brokers: string[] = [];
  try {
    const config = readKafkaConfig(env);
    brokers = config.KAFKA_BROKERS;
    const admin = connect({ name: 'doctor', config, log: createLogger('doctor', 'silent') }, 'admin').admin();
    try {
      await admin.connect();
      const cluster = await admin.describeCluster();
      return [
        ok('KAFKA_BROKERS', `${brokers.join(', ')} answers, with ${count(cluster.brokers.length)}`),
        await version(config),
      ];
    } finally {
      await admin.disconnect();
    }
  } catch (error) {
    const remedy = 'start that Kafka, correct the KAFKA_ variables, or unset KAFKA_BROKERS';
    return [missing('KAFKA_BROKERS', reasonOf(error, brokers), remedy)];
  }
}

async function version(config: CommonConfig): Promise<Finding> {
  const [address = ''] = config.KAFKA_BROKERS;
  const { host, port } = splitAddress(address) ?? { host: address, port: 0 };
  const tls = config.KAFKA_TLS_CA ? readTextFile(config.KAFKA_TLS_CA) : config.KAFKA_TLS;
  return judged(await metadataVersion(host, port, tls).catch(() => undefined));
}

/** The finding about a broker's release from its highest `metadata.version`; undefined if the broker does not report one. */
export function judged(level: number | undefined): Finding {
  const release = level === undefined ? undefined : releaseOf(level);
  if (level === undefined || !release)
    return ok(
      what,
      'the broker does not report its release; 3.9 to 4.4 are tested, and 4.3.0 and 4.3.1 are faulty',
    );
  if (release === '4.3') {
    return warning(
      what,
      'the broker runs some 4.3 release; 4.3.0 and 4.3.1 can lose transaction markers when a lone broker ' +
        'is killed, and programs that use transactions may then process messages twice (KAFKA-20734)',
      `use ${PINNED_VERSION}, unless you know that the broker is newer than 4.3.1`,
    );
  }
  if (level < oldest)
    return warning(what, `the broker runs ${release}; 3.9 to 4.4 are tested`, `use ${PINNED_VERSION}`);
  return ok(what, `the broker runs ${release} (metadata.version ${level})`);
}

const count = (n: number) => (n === 1 ? 'one broker' : `${n} brokers`);
