import { expect, test } from '@jest/globals';
import { commonConfig, readConfig } from '../config.ts';
import { traceEndpoint } from './settings.ts';

const [base, whole] = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

test.each<[what: string, env: NodeJS.ProcessEnv, endpoint: string | null]>([
  ['no collector', {}, null],
  ['a collector', { [base]: 'http://collector:4318' }, 'http://collector:4318/v1/traces'],
  ['a collector below a path', { [base]: 'https://a.example/otlp/' }, 'https://a.example/otlp/v1/traces'],
  ['an address for traces alone', { [whole]: 'http://b:1/in', [base]: 'http://a:1' }, 'http://b:1/in'],
  ['OpenTelemetry turned off', { [base]: 'http://a:1', OTEL_SDK_DISABLED: 'TRUE' }, null],
  ['no exporter for traces', { [base]: 'http://a:1', OTEL_TRACES_EXPORTER: 'none' }, null],
  ['an address without a scheme', { [base]: 'collector:4317' }, null],
])('where traces go with %s', (_what, env, endpoint) => {
  expect(traceEndpoint(readConfig(commonConfig('rides', 0), env))).toBe(endpoint);
});

test('the headers for the collector are never shown', () => {
  const lines: string[] = [];
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization' };
  readConfig(commonConfig('rides', 0), env, (line) => void lines.push(line));
  expect(lines).toEqual([
    expect.stringMatching(/^OTEL_EXPORTER_OTLP_HEADERS=\(hidden\) is not used: must be/),
  ]);
});
