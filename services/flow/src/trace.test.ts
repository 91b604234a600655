import { expect, test } from '@jest/globals';
import { traceOf } from './trace.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const message = (traceparent?: string) => ({ record: { headers: { traceparent } } }) as never;
const [recorded, notRecorded] = [
  message(`00-${id}-00f067aa0ba902b7-01`),
  message(`00-${id}-00f067aa0ba902b7-00`),
];

test('a ride links to its trace: the id replaces {traceId}, or is appended', () => {
  const messages = [message(), message('hello'), recorded];
  expect(traceOf(messages, 'http://jaeger/trace/')).toBe(`http://jaeger/trace/${id}`);
  expect(traceOf(messages, 'http://grafana/{traceId}?tab=1')).toBe(`http://grafana/${id}?tab=1`);
});

test('a ride whose trace is not recorded links nowhere', () => {
  expect(traceOf([notRecorded, message()], 'http://jaeger/trace/')).toBeNull();
});
