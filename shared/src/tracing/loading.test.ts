import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');
/** Prints each module of OpenTelemetry that is loaded, except its API, which prom-client needs. */
const spy = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (/@opentelemetry.(?!api.)/.test(found.url)) console.log('loaded ' + found.url);
    return found;
  },
});
`)}`;

/** The modules of OpenTelemetry that a service has loaded when it listens. */
function loadedBy(service: string, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, ['--import', spy, `services/${service}/src/main.ts`], {
    cwd: root,
    env: { PATH: process.env.PATH, KAFKA_BROKERS: 'localhost:1', PORT: '0', DATABASE: ':memory:', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text;
      if (!output.includes('"msg":"listening"')) return;
      child.kill('SIGKILL');
      resolve(output.match(/^loaded /gm)?.length ?? 0);
    });
    child.on('exit', () => reject(new Error(`${service} ended before it listened: ${output}`)));
  });
}

test('a service does not load the SDK of OpenTelemetry unless a collector is set', async () => {
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:1' };
  const loaded = await Promise.all([
    ...['rides', 'transaction', 'email', 'analytics'].map((service) => loadedBy(service, {})),
    loadedBy('transaction', on),
  ]);
  expect(loaded).toEqual([0, 0, 0, 0, expect.any(Number)]);
  expect(loaded.at(-1)).toBeGreaterThan(5);
});
