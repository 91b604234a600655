/** Reports the outcome of messages in the metrics, the log and the feed. */
import { kafkaErrorOf } from '../../errors.ts';
import { instant } from '../../feed.ts';
import type { FeedEntry } from '../../feed-events.ts';
import { parseMessage } from '../../message-json.ts';
import { header, type RawRecord, type Received } from '../../reading.ts';
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import { traceIdOf } from '../../tracing/trace-context.ts';
import type { Batch, KafkaMessage } from '../client/kafkajs.ts';
import type { Handled } from '../guarantees/guarantee.ts';
import { consumerMetricsOf } from './metrics.ts';

/** The message at the head of a partition that failed; only its offset if it is not known. */
type Failed = Pick<KafkaMessage, 'offset'> & Partial<KafkaMessage>;

export type Report = ReturnType<typeof createReport>;

export function createReport(service: Service<ReaderName>) {
  const { log, feed } = service;
  const topic = topology[service.name].reads;
  const metrics = consumerMetricsOf(service);
  const everyMessage = log.isLevelEnabled('debug');

  function count(handled: Handled[]) {
    const now = Date.now();
    const outcomes = { done: 0, repeat: 0, 'dead letter': 0, dropped: 0 };
    for (const { outcome, received } of handled) {
      outcomes[outcome]++;
      const asked =
        outcome === 'done' && (received?.value as { requested_at: string } | undefined)?.requested_at;
      if (asked) metrics.age.observe((now - Date.parse(asked)) / 1000);
    }
    metrics.processed.inc({ topic }, outcomes.done);
    metrics.repeated.inc({ topic }, outcomes.repeat);
    metrics.deadLettered.inc({ topic }, outcomes['dead letter']);
    metrics.dropped.inc({ topic }, outcomes.dropped);
  }

  /** Replays for other readers are not reported, because nothing was done with them. */
  function tell(partition: number, handled: Handled[]) {
    const now = instant();
    for (const { outcome, received, trace } of handled) {
      if (!trace) continue;
      const ride = (received?.value as { id: string } | undefined)?.id ?? null;
      const identity = received && { identity: received.identity };
      feed.tell({ what: outcome, topic, partition, ride, ...identity, ...trace, at: now });
    }
  }

  function logEach(handled: Handled[]) {
    for (const { outcome, received } of handled)
      if (received) {
        const { coordinates, value, traceparent } = received as Received<{ id: string }>;
        log.debug({ ...coordinates, ride: value.id, trace_id: traceIdOf(traceparent), outcome }, 'handled');
      }
  }

  return {
    /** The handler gets the message. */
    read(batch: Batch, message: KafkaMessage, attempt: number): void {
      if (feed.heard) feed.tell({ what: 'read', ...at(batch, message), ride: null, attempt, at: instant() });
    },

    /** An attempt failed. */
    failed: () => metrics.failed.inc({ topic }),

    /** @param since start of the handling, from `performance.now()` */
    handlingTook: (since: number) => metrics.handling.observe((performance.now() - since) / 1000),

    deadLetter(batch: Batch, message: KafkaMessage, reason: string): void {
      log.error({ ...about(batch, message), reason }, 'dead letter');
    },

    dropped(batch: Batch, message: KafkaMessage, error: unknown): void {
      log.error(
        { err: error, ...about(batch, message) },
        'message lost: with at-most-once there is no second attempt',
      );
    },

    /** @param wait until the retry, in milliseconds */
    retry(batch: Batch, head: Failed, error: Error, attempt: number, wait: number): void {
      const { message: reason } = error;
      metrics.retries.inc({ topic });
      metrics.waiting.set({ topic, partition: batch.partition }, 1);
      const message = about(batch, head);
      log.warn({ reason, ...message, attempt, retryInMs: wait }, 'failed; this partition waits and retries');
      log.debug({ err: error, ...message }, 'stack of the failure');
      if (!feed.heard) return;
      const now = instant();
      const entry = { what: 'retry', ...at(batch, head), ride: null, attempt } satisfies Partial<FeedEntry>;
      const type = kafkaErrorOf(error);
      feed.tell({ ...entry, at: now, reason, ...(type && { error: type }), until: now + wait });
    },

    /** The partition no longer waits. */
    goesOn: (partition: number) => metrics.waiting.set({ topic, partition }, 0),

    /** These messages and their offset are durable. */
    finished(partition: number, handled: Handled[]): void {
      count(handled);
      if (feed.heard) tell(partition, handled);
      if (everyMessage) logEach(handled);
    },
  };
}

/** The coordinates of a message, for log lines and feed entries. */
export const at = ({ topic, partition }: Batch, { offset }: { offset: string }) => ({
  topic,
  partition,
  offset,
});

/** The fields of each log line about a message: its coordinates, its ride if it can be read, and its trace. */
function about(batch: Batch, message: Failed) {
  const trace_id = traceIdOf(header(message as RawRecord, 'traceparent'));
  return { ...at(batch, message), ride: rideIn(message.value), trace_id };
}

function rideIn(value: Buffer | null | undefined): string | undefined {
  try {
    const { id } = parseMessage(String(value)) as { id?: unknown };
    return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
  } catch {
    return undefined; // it is not JSON, or null
  }
}
