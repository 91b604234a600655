/** A moment of Kafka's administration, for the one who starts the system. */
import { commonConfig, readConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import type { Admin } from 'kafkajs';

/**
 * @param env how to log in, where the brokers want that
 * @throws ConfigError which variable is wrong
 */
export async function withAdmin<T>(
  brokers: string[],
  env: NodeJS.ProcessEnv,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const kafka = Object.entries(env).filter(([name]) => name.startsWith('KAFKA_'));
  const given = { ...Object.fromEntries(kafka), KAFKA_BROKERS: brokers.join(',') };
  const config = readConfig(commonConfig('rides', 0), given);
  const admin = connect({ name: 'start', config, log: createLogger('start', 'silent') }, 'admin').admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
