import { withAdmin } from './admin.ts';

/**
 * The id of the cluster, set when its storage was formatted. A different id means different data.
 * @param env the login, if the brokers require one
 * @throws ConfigError with the wrong variable
 */
export const clusterId = (brokers: string[], env: NodeJS.ProcessEnv): Promise<string> =>
  withAdmin(brokers, env, async (admin) =>
    (await admin.describeCluster()).clusterId.replace(/[^A-Za-z0-9_-]/g, '_'),
  );
