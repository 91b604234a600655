/**
 * Stops a consumer also at the moment when its cluster gains or loses a broker. kafkajs then begins new fetch loops after the
 * stop. They ask a consumer that is not running, which answers at once with nothing, so they ask again without a pause: the
 * process uses a whole core, its event loop does not turn any more, and nothing but SIGKILL ends it.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
interface Runner {
  running: boolean;
  fetchManager: { stop(): Promise<void> };
  fetch(nodeId: number): Promise<unknown[]>;
}
const { prototype: runner } = require('kafkajs/src/consumer/runner') as { prototype: Runner };
const fetchAsKafkajs = runner.fetch;
runner.fetch = async function (this: Runner, nodeId) {
  if (!this.running) void this.fetchManager.stop();
  return fetchAsKafkajs.call(this, nodeId);
};
