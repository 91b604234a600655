/** The trace of a ride in a tracing tool. */
import { header } from '@rideflow/shared/reading.ts';
import { isSampled, parseTraceparent } from '@rideflow/shared/tracing/trace-context.ts';
import type { Message } from './observe/recent.ts';

/**
 * All messages of a ride are in one trace, so the first one that is recorded names it.
 * @param url the address of a trace: its id replaces {traceId}, or is appended
 * @returns null if the trace is not recorded
 */
export function traceOf(messages: Pick<Message, 'record'>[], url: string): string | null {
  for (const { record } of messages) {
    const context = parseTraceparent(header(record, 'traceparent'));
    if (!context || !isSampled(context)) continue;
    return url.includes('{traceId}') ? url.replaceAll('{traceId}', context.traceId) : url + context.traceId;
  }
  return null;
}
