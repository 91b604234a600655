import { withAdmin } from './admin.ts';

/**
 * The id that Kafka gave itself when its storage was formatted: another one means other data.
 * @param env how to log in, where the brokers want that
 * @throws ConfigError which variable is wrong
 */
export const clusterId = (brokers: string[], env: NodeJS.ProcessEnv): Promise<string> =>
  withAdmin(brokers, env, async (admin) =>
    (await admin.describeCluster()).clusterId.replace(/[^A-Za-z0-9_-]/g, '_'),
  );
