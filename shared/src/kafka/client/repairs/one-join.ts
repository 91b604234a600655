/**
 * A consumer has a loop for each broker that it fetches from. When topics have grown or leaders have moved, several of them find at the
 * same moment that their member has to join its group again. kafkajs then joins for each of them side by side, and each join makes void
 * what the one before it has brought. Here they share one.
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
