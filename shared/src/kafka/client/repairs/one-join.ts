/**
 * How a member joins its group:
 * - Once at a time. A consumer has one loop for each broker that it fetches from. When topics grow or leaders move, several loops
 *   notice at the same moment that the member must rejoin its group. kafkajs then rejoins once for each loop in parallel, and
 *   each rejoin invalidates the one before. Here they share one rejoin.
 * - To the end. If the answer to SyncGroup is lost, kafkajs continues with the partitions of before, although the coordinator
 *   has put the member into a new generation, where others may own them. Its heartbeats succeed, so nothing ends that. Here
 *   nothing is fetched before the member has its new partitions.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
interface ConsumerGroup {
  joinAndSync(): Promise<void>;
  fetch(nodeId: number): Promise<unknown[]>;
}
const { prototype: group } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
const joins = new WeakMap<ConsumerGroup, Promise<void>>();
/** Members that have begun to join and have no new partitions yet. */
const joining = new WeakSet<ConsumerGroup>();
const joinAsKafkajs = group.joinAndSync;
group.joinAndSync = function (this: ConsumerGroup) {
  joining.add(this);
  const join =
    joins.get(this) ??
    joinAsKafkajs
      .call(this)
      .then(() => void joining.delete(this))
      .finally(() => joins.delete(this));
  joins.set(this, join);
  return join;
};
const fetchAsKafkajs = group.fetch;
group.fetch = async function (this: ConsumerGroup, nodeId) {
  if (joining.has(this)) await this.joinAndSync();
  return fetchAsKafkajs.call(this, nodeId);
};
