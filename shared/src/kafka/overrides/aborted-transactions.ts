/**
 * Two writers that abort overlapping transactions on one partition: kafkajs would deliver some of their records (see
 * aborted.ts).
 */
import { createRequire } from 'node:module';
import { type FetchedPartition, hideAborted } from '../aborted.ts';

const require = createRequire(import.meta.url);
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
