import { commonConfig, readConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client.ts';
import { createLogger } from '@rideflow/shared/log.ts';

/**
 * The id that Kafka gave itself when its storage was formatted: another one means other data.
 * @param env how to log in, where the brokers want that
 * @throws ConfigError which variable is wrong
 */
export async function clusterId(brokers: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const kafka = Object.entries(env).filter(([name]) => name.startsWith('KAFKA_'));
  const given = { ...Object.fromEntries(kafka), KAFKA_BROKERS: brokers.join(',') };
  const config = readConfig(commonConfig('rides', 0), given);
  const admin = connect({ name: 'start', config, log: createLogger('start', 'silent') }, 'admin').admin();
  await admin.connect();
  try {
    return (await admin.describeCluster()).clusterId.replace(/[^A-Za-z0-9_-]/g, '_');
  } finally {
    await admin.disconnect();
  }
}
