/** A moment of Kafka's administration, for the one who starts the system. */
import { readKafkaConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import type { Admin } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { reasonOf } from '@rideflow/shared/kafka/client/reason.ts';
import { createLogger } from '@rideflow/shared/log.ts';

/**
 * @param env how to log in, where the brokers want that
 * @throws ConfigError which variable is wrong; Error with the reason, in words, that Kafka was not reached
 */
export async function withAdmin<T>(
  brokers: string[],
  env: NodeJS.ProcessEnv,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const config = readKafkaConfig(env, brokers.join(','));
  const admin = connect({ name: 'start', config, log: createLogger('start', 'silent') }, 'admin').admin();
  try {
    await admin.connect();
    return await use(admin);
  } catch (error) {
    throw new Error(reasonOf(error, brokers), { cause: error });
  } finally {
    await admin.disconnect();
  }
}
