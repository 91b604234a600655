/**
 * A transaction of one record took nine requests in sequence. Four of them looked up the coordinator, which was the same
 * broker each time. So each producer remembers the coordinator until its connection closes or a request fails.
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

/** Requests to a coordinator. Not initProducerId, which retries by itself and must look it up again. */
const coordinated = ['addPartitionsToTransaction', 'sendOffsets', 'commit', 'abort'];

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/producer/eosManager');
const stockManager = require(path) as CreateManager;
(require.cache[path] as NodeJS.Module).exports = createManager;

/** Replaces the lookup of kafkajs, which sends a request each time. */
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
        // The markers of the previous transaction are being written. This broker is still the coordinator.
        if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS') known.clear();
        throw error;
      }
    };
  }
  return manager;
}
