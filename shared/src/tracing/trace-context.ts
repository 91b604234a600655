/** W3C Trace Context: the header `traceparent` of requests, messages and mails. Always there, whether spans are exported or not. */
import { randomFillSync } from 'node:crypto';

/** What a `traceparent` names. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  traceFlags: number;
}

// Ids that are all zeros are invalid.
const version00 = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Undefined if the text is not a valid `traceparent` of version 00. */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  if (text === undefined || !version00.test(text)) return undefined;
  return {
    traceId: text.slice(3, 35),
    spanId: text.slice(36, 52),
    traceFlags: Number(`0x${text.slice(53)}`),
  };
}

export const traceIdOf = (traceparent: string | undefined) => parseTraceparent(traceparent)?.traceId;

export const formatTraceparent = ({ traceId, spanId, traceFlags }: TraceContext) =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

/** Whether its writer records the trace. */
export const isSampled = ({ traceFlags }: TraceContext) => (traceFlags & 1) === 1;

/** A new span in the same trace, or a new sampled trace if there is none. */
export function childOf(traceparent: string | undefined): string {
  if (traceparent === undefined || !version00.test(traceparent))
    return `00-${randomHex(16)}-${randomHex(8)}-01`;
  return `${traceparent.slice(0, 36)}${randomHex(8)}${traceparent.slice(52)}`; // version and trace, span, flags
}

/** Random bytes for many ids at once, because asking the system for each id takes longer than the rest of a record. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}
