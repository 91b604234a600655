/** A collector of traces: an HTTP server that takes OTLP in JSON, and keeps the spans. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  /** The name of its service, and the process. */
  service: string;
  instance: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string; attributes: Record<string, unknown> }[];
  /** The description of the error; undefined if there was none. */
  error: string | undefined;
  /** In nanoseconds since 1970. */
  start: bigint;
  end: bigint;
}

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  /** In the order of arrival. */
  spans: Seen[];
  /** The headers of the last request. */
  headers: NodeJS.Dict<string | string[]>;
  /** The number of requests. */
  requests: number;
  /** The status of its next answers; 0: it waits until it is released. */
  answer: number;
  /** Answers what waits, and everything that follows, with 200. */
  release(): void;
  stop(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      collector.headers = request.headers;
      collector.requests++;
      const answer = () => {
        const status = request.url === '/v1/traces' ? collector.answer : 404;
        if (status === 200) collector.spans.push(...spansIn(JSON.parse(Buffer.concat(chunks).toString())));
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      };
      if (collector.answer === 0) waiting.push(answer);
      else answer();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    headers: {},
    requests: 0,
    answer: 200,
    release() {
      collector.answer = 200;
      for (const answer of waiting.splice(0)) answer();
    },
    stop() {
      collector.release(); // so nobody retries
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
  };
  return collector;
}

/**
 * Every span about a message: its trace, and the traces with a link into it. One line for each span, indented below its parent, with
 * its service, its outcome if it failed, and what it links to.
 */
export function drawn(spans: Seen[], traceId: string): string {
  const linked = spans.filter(({ links }) => links.some((link) => link.traceId === traceId));
  const rootOf = (span: Seen): Seen => {
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    return parent ? rootOf(parent) : span;
  };
  /** The trace itself first, then by service. */
  const order = (span: Seen) => (span.traceId === traceId ? '' : span.service);
  const roots = new Set(
    [...spans.filter((span) => span.traceId === traceId), ...linked]
      .map(rootOf)
      .sort((a, b) => order(a).localeCompare(order(b)) || Number(a.start - b.start)),
  );
  const named = (id: string) => {
    const found = spans.find(({ spanId }) => spanId === id);
    return found ? `${found.service} ${found.name}` : 'a span from elsewhere';
  };
  const lines = (span: Seen, indent: string): string[] => [
    [
      `${indent}${span.service} ${span.name}`,
      ...(span.error === undefined ? [] : [`!${span.attributes['error.type']}`]),
      ...span.links.map(({ spanId }) => `→ ${named(spanId)}`),
    ].join(' '),
    // Of equal starts, which are in milliseconds, the first to end arrived first.
    ...spans
      .filter(({ parentSpanId }) => parentSpanId === span.spanId)
      .sort((a, b) => Number(a.start - b.start))
      .flatMap((child) => lines(child, `${indent}  `)),
  ];
  return [...roots].flatMap((root) => lines(root, '')).join('\n');
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

interface Value {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
}
type Pairs = { key: string; value: Value }[];

// biome-ignore lint/suspicious/noExplicitAny: the fields of OTLP that are read here
function spansIn({ resourceSpans }: any): Seen[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return resourceSpans.flatMap(({ resource, scopeSpans }: any) => {
    const about = valuesOf(resource.attributes);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return scopeSpans.flatMap(({ spans }: any) =>
      // biome-ignore lint/suspicious/noExplicitAny: as above
      spans.map((span: any) => ({
        service: String(about['service.name']),
        instance: String(about['service.instance.id']),
        name: span.name,
        kind: kinds[span.kind],
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        attributes: valuesOf(span.attributes),
        // biome-ignore lint/suspicious/noExplicitAny: as above
        links: (span.links ?? []).map(({ traceId, spanId, attributes }: any) => ({
          traceId,
          spanId,
          attributes: valuesOf(attributes),
        })),
        error: span.status?.code === 2 ? (span.status.message ?? '') : undefined,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
      })),
    );
  });
}

const valuesOf = (pairs: Pairs = []): Record<string, unknown> =>
  Object.fromEntries(
    pairs.map(({ key, value }) => [
      key,
      value.stringValue ?? value.doubleValue ?? value.boolValue ?? Number(value.intValue),
    ]),
  );
