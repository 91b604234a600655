/**
 * Four repairs inside kafkajs 2.2.4, applied before any client exists. Imported first by client.ts, the only importer.
 * The package has no `exports` map, so its inner modules can be reached.
 */
import { createRequire } from 'node:module';
import { type FetchedPartition, hideAborted } from './aborted.ts';

const require = createRequire(import.meta.url);
const { version } = require('kafkajs/package.json') as { version: string };
if (version !== '2.2.4')
  throw new Error(
    `kafkajs ${version} is installed; this runtime repairs the insides of 2.2.4 and accepts no other`,
  );

// Every connection reschedules a 1 ms timer for ever, 2 to 5 % of a core per idle process. Without anything pending there is
// nothing to check, and `push` schedules by itself.
const { prototype: queue } = require('kafkajs/src/network/requestQueue') as {
  prototype: { scheduleCheckPendingRequests(): void; pending: unknown[] };
};
const schedule = queue.scheduleCheckPendingRequests;
queue.scheduleCheckPendingRequests = function (this: typeof queue) {
  if (this.pending.length > 0) schedule.call(this);
};

// InitProducerId and TxnOffsetCommit use `cluster.retry`, which kafkajs never sets, so that taking over an open transaction
// waits 300 ms instead of 10.
const { prototype: cluster } = require('kafkajs/src/cluster') as { prototype: { retry?: object } };
cluster.retry = { initialRetryTime: 3, multiplier: 1.5, factor: 0.2, maxRetryTime: 500, retries: 40 };

// Two writers that abort overlapping transactions on one partition: kafkajs would deliver some of their records (see aborted.ts).
interface FetchAnswer {
  responses: { partitions: FetchedPartition[] }[];
}
const { prototype: broker } = require('kafkajs/src/broker') as {
  prototype: { fetch(request: { isolationLevel?: number }): Promise<FetchAnswer> };
};
const readCommitted = 1;
const fetchAsKafkajs = broker.fetch;
broker.fetch = async function (this: typeof broker, request) {
  const answer = await fetchAsKafkajs.call(this, request);
  if (request.isolationLevel === readCommitted)
    for (const { partitions } of answer.responses) for (const partition of partitions) hideAborted(partition);
  return answer;
};

// A consumer whose group coordinator died keeps asking the dead broker: until its retries are used up, half a minute, then it joins
// as a new member, which waits for the session of the old one. Asked for again, the coordinator's successor knows the member.
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
    if (!found) throw error; // kafkajs tries again
    this.coordinator = found;
    if (this.offsetManager) this.offsetManager.coordinator = found; // commits go there, too
    await heartbeatAsKafkajs.call(this, options);
  }
};
