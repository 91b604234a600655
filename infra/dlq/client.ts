/** Connects a command-line tool to Kafka, with the same variables as the services. */
import { ConfigError, readKafkaConfig } from '@rideflow/shared/config.ts';
import { WorkbenchError } from '@rideflow/shared/dead-letters/errors.ts';
import type { Client } from '@rideflow/shared/kafka/client/connect.ts';
import { createLogger } from '@rideflow/shared/log.ts';

/**
 * @param brokers instead of KAFKA_BROKERS
 * @throws WorkbenchError with the wrong variable and what is accepted
 */
export function toolClient(name: string, env: NodeJS.ProcessEnv, brokers: string | undefined): Client {
  try {
    return { name, config: readKafkaConfig(env, brokers), log: createLogger(name, 'silent') };
  } catch (error) {
    if (error instanceof ConfigError) throw new WorkbenchError(error.message);
    throw error;
  }
}
