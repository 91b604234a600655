/** Short uses of Kafka's admin client, by the process that starts the system. */
import { readKafkaConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import type { Admin } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { reasonOf } from '@rideflow/shared/kafka/client/reason.ts';
import { createLogger } from '@rideflow/shared/log.ts';

/**
 * @param env the login, if the brokers require one
 * @throws ConfigError with the wrong variable; Error with the reason why Kafka was not reached
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
