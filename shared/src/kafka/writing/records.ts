/** Turns messages into records with the headers of the CloudEvents 1.0 Kafka binding (binary mode) and W3C trace context. */
import { accepts } from '../../accepts.ts';
import { formatCoordinates, type Received } from '../../reading.ts';
import type { Topic } from '../../topics.ts';
import type { ServiceName } from '../../topology.ts';
import { childOf } from '../../tracing/trace-context.ts';

/** One record to send. The partition is always explicit, because a retry could otherwise choose a different one. */
export interface OutgoingRecord {
  topic: string;
  partition: number;
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

interface Origin {
  source: ServiceName;
  /** CloudEvents `id`: the identity of the message. A repeated message has the same identity. */
  id: string;
  /** The trace context that it continues. */
  traceparent?: string | undefined;
  /** Its own trace context, if it has a span. */
  ownTraceparent?: string | undefined;
  /** The message that caused this one. */
  cause?: Received<unknown>;
}

/**
 * A message as a record. `ce_time` is left out, because the record has a timestamp.
 * @throws Error when the message does not satisfy its topic's schema, because writers are strict
 */
export function toRecord<T>(topic: Topic<T>, partition: number, message: T, origin: Origin): OutgoingRecord {
  if (!accepts(topic.schema, message)) {
    const checked = topic.schema.safeParse(message);
    if (!checked.success)
      throw new Error(
        `${origin.source} tried to write an invalid message to ${topic.name}: ${checked.error.message}`,
      );
  }
  return {
    topic: topic.name,
    partition,
    key: topic.key(message),
    value: JSON.stringify(message),
    headers: {
      ce_specversion: '1.0',
      ce_id: origin.id,
      ce_type: topic.type,
      ce_source: `/rideflow/${origin.source}`,
      'content-type': 'application/json',
      traceparent: origin.ownTraceparent ?? childOf(origin.traceparent),
      ...(origin.cause && {
        ce_cause: formatCoordinates(origin.cause.coordinates),
        ce_causeid: origin.cause.identity,
      }),
    },
  };
}
