/**
 * A consumer has one loop for each broker that it fetches from. When topics grow or leaders move, several loops notice at the
 * same moment that the member must rejoin its group. kafkajs then rejoins once for each loop in parallel, and each rejoin
 * invalidates the one before. Here they share one rejoin.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
interface ConsumerGroup {
  joinAndSync(): Promise<void>;
}
const { prototype: group } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
const joins = new WeakMap<ConsumerGroup, Promise<void>>();
const joinAsKafkajs = group.joinAndSync;
group.joinAndSync = function (this: ConsumerGroup) {
  const join = joins.get(this) ?? joinAsKafkajs.call(this).finally(() => joins.delete(this));
  joins.set(this, join);
  return join;
};
