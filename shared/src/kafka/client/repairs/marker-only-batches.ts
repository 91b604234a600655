/**
 * A fetch that holds nothing but transaction markers, or what an aborted transaction wrote: kafkajs steps over it without a word to
 * `eachBatch`. Then nobody commits the offset behind it, and the group lags by it until the next message comes. It reaches `eachBatch`
 * as a batch without messages.
 */
import { createRequire } from 'node:module';

interface Batch {
  isEmptyDueToFiltering(): boolean;
}
interface Runner {
  running: boolean;
  eachBatch?: unknown;
  handleBatch(batch: Batch): Promise<void>;
  processEachBatch(batch: Batch): Promise<void>;
  heartbeat(): Promise<void>;
}

const require = createRequire(import.meta.url);
const { prototype: runner } = require('kafkajs/src/consumer/runner') as { prototype: Runner };
const handleAsKafkajs = runner.handleBatch;
runner.handleBatch = async function (this: Runner, batch) {
  if (!this.running || !this.eachBatch || !batch.isEmptyDueToFiltering())
    return handleAsKafkajs.call(this, batch);
  await this.processEachBatch(batch);
  await this.heartbeat();
};
