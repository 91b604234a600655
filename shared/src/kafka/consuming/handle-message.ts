/**
 * Handles one message. There are three outcomes: a returned value means done, `Unprocessable` means dead letter, and any other
 * error is transient.
 */
import { Unprocessable } from '../../errors.ts';
import { instant } from '../../feed.ts';
import type { RawRecord } from '../../reading.ts';
import type { Service } from '../../service.ts';
import { deadLetterTopic, type ReaderName, topology } from '../../topology.ts';
import type { BatchTrace, Processing } from '../../tracing/spans.ts';
import { whyUnreadable } from '../client/decoding/unreadable.ts';
import type { Batch, KafkaMessage } from '../client/kafkajs.ts';
import type { Decided, Handled } from '../guarantees/guarantee.ts';
import { shortReason, toDeadLetter } from '../writing/dead-letter-record.ts';
import { isForAnother } from './replay-headers.ts';
import type { Report } from './report.ts';

/** Handles one record of the service's topic. @throws Unprocessable, or any other error to retry later */
export type HandleRecord = (
  partition: number,
  record: RawRecord,
  attempt: number,
  decided: Decided | undefined,
  processing: Processing | undefined,
) => Promise<Handled>;

export type HandleMessage = ReturnType<typeof createHandler>;

/** @param givesUp drops a message that fails; there is no second attempt */
export function createHandler(
  service: Service<ReaderName>,
  report: Report,
  handle: HandleRecord,
  givesUp: boolean,
) {
  const { name, feed, pace } = service;
  const topic = topology[name].reads;

  /** @throws the transient errors of the handler */
  return async function handleMessage(
    batch: Batch,
    message: KafkaMessage,
    attempt: number,
    decided: Decided | undefined,
    batchTrace: BatchTrace | undefined,
  ): Promise<Handled> {
    const record = message as RawRecord;
    const { offset } = message;
    if (isForAnother(record, name)) return { outcome: 'done', received: null, records: [] };
    const since = performance.now();
    report.read(batch, message, attempt);
    const processing = batchTrace?.process(message, attempt);
    try {
      const unreadable = whyUnreadable(message);
      if (unreadable) throw new Unprocessable(unreadable);
      const handled = await handle(batch.partition, record, attempt, decided, processing);
      if (processing) {
        handled.processing = processing;
        processing.handled(handled.outcome, rideOf(handled));
      }
      if (feed.heard || pace.on) handled.trace = { offset, attempt, since: instant() };
      return handled;
    } catch (error) {
      report.failed();
      const reason = shortReason((error as Error).message);
      const trace = { offset, attempt, since: instant(), reason };
      if (error instanceof Unprocessable) {
        processing?.failed('dead letter', error);
        report.deadLetter(batch, message, reason);
        const from = { topic, partition: batch.partition, offset };
        const letter = toDeadLetter(deadLetterTopic(name), name, from, record, reason);
        return { outcome: 'dead letter', received: null, records: [letter], trace };
      }
      processing?.failed(givesUp ? 'dropped' : 'retry', error);
      if (!givesUp) throw error;
      report.dropped(batch, message, error);
      return { outcome: 'dropped', received: null, records: [], trace: { ...trace, attempt: 1 } };
    } finally {
      report.handlingTook(since);
    }
  };
}

const rideOf = ({ received }: Handled) => (received?.value as { id: string } | undefined)?.id;
