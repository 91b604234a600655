/** A service behind nginx with its defaults, where this machine has nginx. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { answers, freePorts } from '../infra/broker/ports.ts';
import { type Child, startChild } from './support/child.ts';
import { eventually } from './support/eventually.ts';

const nginx = process.env.NGINX || '/usr/sbin/nginx';
if (!existsSync(nginx)) console.warn(`The tests of a proxy are skipped: no nginx at ${nginx}.`);

(existsSync(nginx) ? describe : describe.skip)('behind nginx', () => {
  let service: Child;
  let proxy: ChildProcess;
  let folder: string;
  let url: string;
  let upstream: string;

  beforeAll(async () => {
    const [port = 0, public_ = 0] = await freePorts(2);
    service = startChild(join(import.meta.dirname, '../shared/src/fixtures/service.ts'), {
      PORT: String(port),
    });
    await service.sent({ ready: 'email' });
    folder = await mkdtemp(join(tmpdir(), 'rideflow-nginx-'));
    const config = `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
      events {}
      http {
        access_log off;
        client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
        uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
        server { listen 127.0.0.1:${public_}; location / { proxy_pass http://127.0.0.1:${port}; } }
      }`;
    await writeFile(join(folder, 'nginx.conf'), config);
    proxy = spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    await eventually(async () => expect(await answers('127.0.0.1', public_)).toBe(true));
    [url, upstream] = [`http://127.0.0.1:${public_}`, `http://127.0.0.1:${port}`];
  });
  afterAll(async () => {
    proxy?.kill();
    if (proxy?.exitCode === null && proxy.signalCode === null) await once(proxy, 'exit');
    await service?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  test('an event arrives while the stream is still open', async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 30_000);
    const { body, headers } = await fetch(`${url}/feed`, { signal: stop.signal });
    expect(headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('event: status')) break;
    }
    clearTimeout(timer);
    expect(text).toContain('event: status');
  });

  test('a connection is kept longer than a proxy keeps it, so that none ends under its next request', async () => {
    const response = await fetch(`${upstream}/healthz`);
    const seconds = Number(/timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '')?.[1]);
    expect(seconds).toBeGreaterThan(65);
  });
});
