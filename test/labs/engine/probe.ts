/**
 * Puts the crash points of the services at the requests of kafkajs, so that they are in the student's code whatever it calls.
 * For a service of the labs they mean: `before-produce`: nothing of an effect is stored; `after-produce`: it is stored, the
 * offset is not committed; `after-commit`: the offset is committed.
 */
import { createRequire } from 'node:module';
import { type CrashPoint, crashPoint } from '@rideflow/shared/crash-points.ts';

interface Partitions {
  topic: string;
  partitions: { partition: number; offset: string }[];
}
interface Requests {
  produce(request: {
    topicData: { topic: string; partitions: { partition: number; messages: Written[] }[] }[];
  }): Promise<unknown>;
  offsetCommit(request: { topics: Partitions[] }): Promise<unknown>;
  endTxn(request: { transactionResult: boolean }): Promise<unknown>;
  initProducerId(request: { transactionalId: string | null; transactionTimeout: number }): Promise<unknown>;
}
interface Written {
  headers?: Record<string, Buffer | string | undefined>;
}

/** Where the process is, for the text of a crash. */
let where = '';

/** Called at each crash point. @param now what is done at that point, as a clause */
export function at(point: CrashPoint, now: string): void {
  where = now;
  crashPoint(point);
}

/** @param crashing called where an armed point is reached, before the process dies */
export const reached = (): string => where;

let commits = 0;
const waiting: (() => void)[] = [];

/**
 * Resolves when no commit of offsets is on its way. An effect waits for this, so that a commit which does not wait for the effect
 * comes first each time.
 */
export const committed = (): Promise<void> =>
  commits === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));

/** Called with the id of each transactional producer that starts, with the offsets of each commit, and at the end of a transaction. */
export interface Probed {
  transactionalId: (id: string) => void;
  commit: (places: string[]) => void;
  ended: (committed: boolean) => void;
}

export function probe(on: Probed): void {
  const require = createRequire(import.meta.url);
  const requests: Requests = require('kafkajs/src/broker').prototype;
  const { produce, offsetCommit, endTxn, initProducerId } = requests;
  requests.produce = async function (request) {
    const what = nameOf(request.topicData);
    at('before-produce', `${what} is not written yet`);
    const answer = await produce.call(this, request);
    at('after-produce', `${what} is written`);
    return answer;
  };
  requests.offsetCommit = async function (request) {
    on.commit(
      request.topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => `${topic}/${partition}/${offset}`),
      ),
    );
    commits++;
    try {
      const answer = await offsetCommit.call(this, request);
      for (const { topic, partitions } of request.topics)
        for (const { partition, offset } of partitions)
          at('after-commit', `offset ${offset} of ${topic}/${partition} is committed`);
      return answer;
    } finally {
      if (--commits === 0) for (const resolve of waiting.splice(0)) resolve();
    }
  };
  requests.endTxn = async function (request) {
    const answer = await endTxn.call(this, request).catch((error: unknown) => {
      on.ended(false);
      throw error;
    });
    on.ended(request.transactionResult);
    if (request.transactionResult) at('after-commit', 'the transaction is committed');
    return answer;
  };
  requests.initProducerId = async function (request) {
    if (request.transactionalId) on.transactionalId(request.transactionalId);
    return initProducerId.call(this, request);
  };
}

const nameOf = (topicData: Parameters<Requests['produce']>[0]['topicData']) =>
  topicData
    .flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, messages }) => {
        const causes = messages.map(({ headers }) => headers?.ce_cause?.toString()).filter(Boolean);
        return `the record on ${topic}/${partition}${causes.length > 0 ? ` for ${causes.join(', ')}` : ''}`;
      }),
    )
    .join(' and ');
