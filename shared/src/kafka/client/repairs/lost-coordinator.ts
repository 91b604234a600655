/**
 * After the group coordinator dies, a kafkajs consumer keeps asking the dead broker until its retries are used up, for half a
 * minute. Then it joins as a new member and waits for the session timeout of the old one. Here it looks the coordinator up
 * again, and the new coordinator knows the member.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
interface ConsumerGroup {
  groupId: string;
  coordinator: object;
  offsetManager: { coordinator: object } | null;
  cluster: { findGroupCoordinator(of: { groupId: string }): Promise<object> };
  heartbeat(options: { interval: number }): Promise<void>;
}
const { prototype: group } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
const connectionLost = /^KafkaJS(Connection|ConnectionClosed|RequestTimeout)Error$/;
const searches = new WeakMap<ConsumerGroup, Promise<object>>();
const heartbeatAsKafkajs = group.heartbeat;
group.heartbeat = async function (this: ConsumerGroup, options) {
  try {
    await heartbeatAsKafkajs.call(this, options);
  } catch (error) {
    if (!connectionLost.test((error as Error).name)) throw error;
    const search = searches.get(this) ?? this.cluster.findGroupCoordinator(this);
    searches.set(this, search);
    const found = await search.catch(() => null).finally(() => searches.delete(this));
    if (!found) throw error; // kafkajs retries
    this.coordinator = found;
    if (this.offsetManager) this.offsetManager.coordinator = found; // commits go there too
    await heartbeatAsKafkajs.call(this, options);
  }
};
