/**
 * A transaction of one record was nine requests one after the other, four of which asked who coordinates: each time the same
 * broker. So the answer is remembered, within one producer, until its connection is gone or any of its requests fails.
 */
import { createRequire } from 'node:module';

interface Broker {
  isConnected(): boolean;
}
interface Search {
  groupId: string;
  coordinatorType: number;
}
interface Cluster {
  findGroupCoordinator(search: Search): Promise<Broker>;
}
type Methods = Record<string, (...of: unknown[]) => unknown>;
type CreateManager = (options: { cluster: Cluster }) => Methods & { isInitialized(): boolean };

/** Requests to a coordinator. Not initProducerId: it tries again by itself, and has to ask anew then. */
const coordinated = ['addPartitionsToTransaction', 'sendOffsets', 'commit', 'abort'];

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/producer/eosManager');
const stockManager = require(path) as CreateManager;
(require.cache[path] as NodeJS.Module).exports = createManager;

/** As that of kafkajs, which asks each time. */
export function createManager(options: Parameters<CreateManager>[0]): ReturnType<CreateManager> {
  const known = new Map<string, Broker>();
  const { cluster } = options;
  async function findGroupCoordinator(search: Search): Promise<Broker> {
    const name = `${search.coordinatorType}/${search.groupId}`;
    const before = known.get(name);
    if (before?.isConnected() && manager.isInitialized()) return before;
    const found = await cluster.findGroupCoordinator(search);
    known.set(name, found);
    return found;
  }
  const asking = Object.create(cluster, { findGroupCoordinator: { value: findGroupCoordinator } }) as Cluster;
  const manager = stockManager({ ...options, cluster: asking });
  for (const name of coordinated) {
    const request = manager[name] as Methods[string];
    manager[name] = async (...of) => {
      try {
        return await request(...of);
      } catch (error) {
        // The marks of the transaction before are being written: this broker is the right one.
        if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS') known.clear();
        throw error;
      }
    };
  }
  return manager;
}
