/**
 * kafkajs skips a fetch that contains only transaction markers or records of aborted transactions, without calling
 * `eachBatch`. Then nothing commits the offset after it, and the group keeps a lag until the next message. Here such a fetch
 * reaches `eachBatch` as a batch without messages.
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
