import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Child, startChild } from '../../test/support/child.ts';
import { eventually } from '../../test/support/eventually.ts';
import { listenTo } from '../../test/support/listener.ts';

const children: Child[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
});

function start(env: NodeJS.ProcessEnv = {}): Child {
  const child = startChild(join(import.meta.dirname, 'fixtures', 'service.ts'), env);
  children.push(child);
  return child;
}
/** A service that has started. */
async function started(env?: NodeJS.ProcessEnv): Promise<Child & { url: string }> {
  const child = start(env);
  await child.sent({ ready: 'email' });
  return { ...child, url: await urlOf(child) };
}
const urlOf = async (child: Child) => `http://127.0.0.1:${(await child.logged('listening')).port}`;
const tell = async (child: Child, what: string) => {
  child.process.send(what);
  await child.sent({ did: what });
};
async function get(url: string) {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
}
/** Over node:http, whose agent says what becomes of a connection. */
const ask = (url: string, agent: Agent) =>
  new Promise<{ status: number | undefined; last: boolean }>((resolve, reject) => {
    request(url, { agent }, (response) => {
      response
        .resume()
        .once('end', () =>
          resolve({ status: response.statusCode, last: response.headers.connection === 'close' }),
        );
    })
      .once('error', reject)
      .end();
  });
const messages = ({ lines }: Child) => lines.map(({ msg }) => msg);

describe('a service that runs', () => {
  test('is alive before it is ready, and ready when it is wired', async () => {
    const child = start({ WIRE: 'when told' });
    const url = await urlOf(child);
    expect(await get(`${url}/healthz`)).toEqual({ status: 200, body: { status: 'alive' } });
    expect(await get(`${url}/readyz`)).toEqual({
      status: 503,
      body: { status: 'not ready', waiting: ['starting'] },
    });
    await child.logged('listening');
    child.process.send('wire');
    await child.sent({ ready: 'email' });
    expect(await get(`${url}/readyz`)).toEqual({ status: 200, body: { status: 'ready' } });
  });

  test('says what it waits for whenever it is not ready, and stays alive', async () => {
    const child = await started();
    await tell(child, 'busy');
    expect(await get(`${child.url}/readyz`)).toEqual({
      status: 503,
      body: { status: 'not ready', waiting: ['busy'] },
    });
    expect(await get(`${child.url}/healthz`)).toMatchObject({ status: 200 });
    await tell(child, 'idle');
    expect(await get(`${child.url}/readyz`)).toMatchObject({ status: 200 });
  });

  test('leads from an address that is not there to what there is, already before it is wired', async () => {
    const url = await urlOf(start({ WIRE: 'when told', FLOW_URL: 'http://flow.example/' }));
    expect(await get(`${url}/`)).toMatchObject({
      status: 404,
      body: { detail: 'The path / does not exist. Available: /healthz, /readyz, /metrics, /feed.' },
    });
    expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405);
    const page = await (await fetch(`${url}/`, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('<a href="http://flow.example/">Flow</a>');
    expect((await fetch(`${url}/style.css`)).status).toBe(200);
  });

  test('serves its figures to Prometheus under its name', async () => {
    const { url } = await started();
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toMatch(/^process_resident_memory_bytes\{service="email"\} \d+$/m);
  });

  test('logs JSON lines with its name outside a terminal', async () => {
    const child = await started();
    expect(await child.logged('listening')).toMatchObject({
      service: 'email',
      level: 30,
      guarantee: 'at-least-once',
    });
    expect(child.complaints()).toBe('');
  });

  test('does not say what it is made of', async () => {
    const { url } = await started();
    expect((await fetch(`${url}/healthz`)).headers.get('x-powered-by')).toBeNull();
  });
});

describe('a service that cannot start', () => {
  test('ends with 1 and one line for each wrong variable', async () => {
    const child = start({ PORT: 'http', GUARANTEE: 'exactly-once', KAFKA_SASL_PASSWORD: 'hunter2' });
    expect(await child.ended).toBe(1);
    expect(child.complaints()).toBe(
      [
        'email cannot start. Wrong configuration:',
        'PORT="http": must be a port number, 0 to 65535',
        'GUARANTEE="exactly-once": must be one of at-most-once, at-least-once for email',
        '',
      ].join('\n'),
    );
    expect(child.lines).toEqual([]);
  });

  test('ends with 1 and says that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const child = start({ PORT: String(port) });
    expect(await child.ended).toBe(1);
    other.close();
    expect(messages(child)).toContain(
      `could not start: port ${port} on 127.0.0.1 is already in use. Set PORT to another port`,
    );
  });

  test('ends with 1 and says what failed, after it stopped everything that was started', async () => {
    const child = start({ WIRE: 'never: fail' });
    expect(await child.ended).toBe(1);
    expect(messages(child)).toContain('could not start: there is no mail server');
    expect(messages(child)).toContain('the first has stopped');
  });
});

describe('a service that is stopped', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s stops all, last first, and ends with 0',
    async (signal) => {
      const child = await started();
      await get(`${child.url}/healthz`); // a connection that is kept alive does not keep the process alive
      child.process.kill(signal);
      expect(await child.ended).toBe(0);
      const said = messages(child);
      expect(said.slice(said.indexOf('stopping'))).toEqual([
        'stopping',
        'the last has stopped',
        'failed to stop', // one that cannot stop does not hold up the others
        'the first has stopped',
        'stopped',
      ]);
      expect(child.lines).toContainEqual(expect.objectContaining({ msg: 'stopping', why: signal }));
    },
  );

  test('answers the requests that it has, and takes no more', async () => {
    const child = await started();
    const answer = get(`${child.url}/slow`);
    await child.sent({ did: 'request' });
    child.process.kill('SIGTERM');
    await child.logged('stopping');
    await expect(fetch(`${child.url}/healthz`)).rejects.toThrow();
    child.process.send('idle');
    expect(await answer).toEqual({ status: 200, body: { slow: true } });
    expect(await child.ended).toBe(0);
  });

  test('with DRAIN_SECONDS goes on answering, and each answer closes its connection: customers who keep theirs lose nothing', async () => {
    const child = await started({ DRAIN_SECONDS: '60' });
    const agent = new Agent({ keepAlive: true });
    let answers = 0;
    const customers = Array.from({ length: 40 }, async () => {
      while (!(await ask(`${child.url}/healthz`, agent)).last) answers++;
    });
    const slow = ask(`${child.url}/slow`, agent);
    await child.sent({ did: 'request' });
    await eventually(() => expect(answers).toBeGreaterThan(400)); // each of them has kept a connection by now
    child.process.kill('SIGTERM');
    await Promise.all(customers);
    expect(await ask(`${child.url}/healthz`, agent)).toEqual({ status: 200, last: true }); // on a new connection
    expect(await ask(`${child.url}/readyz`, agent)).toEqual({ status: 503, last: true });
    child.process.send('idle');
    expect(await slow).toEqual({ status: 200, last: true });
  });

  test('closes idle connections only after DRAIN_SECONDS, and ends with 0', async () => {
    const child = await started({ DRAIN_SECONDS: '1' });
    const agent = new Agent({ keepAlive: true });
    const closed = new Promise<number>((resolve) => {
      agent.on('free', (socket) => socket.once('close', () => resolve(performance.now())));
    });
    await ask(`${child.url}/healthz`, agent);
    const since = performance.now();
    child.process.kill('SIGTERM');
    expect((await closed) - since).toBeGreaterThan(950);
    expect(await child.ended).toBe(0);
  });

  test('answers a request that arrived while it was busy at the end of DRAIN_SECONDS', async () => {
    const child = await started({ DRAIN_SECONDS: '1' });
    const agent = new Agent({ keepAlive: true });
    await ask(`${child.url}/healthz`, agent);
    child.process.kill('SIGTERM');
    await child.logged('stopping');
    child.process.send('block'); // for longer than the rest of the second
    await child.sent({ did: 'begin to block' });
    expect(await ask(`${child.url}/healthz`, agent)).toEqual({ status: 200, last: true });
    expect(await child.ended).toBe(0);
  });

  test('is heard at its feed until everything has stopped, and is not held up by it', async () => {
    const child = await started();
    const listener = await listenTo(`${child.url}/feed`);
    const { data } = await listener.first('status');
    expect(data).toMatchObject({ service: 'email', pid: child.process.pid, ready: [] });
    expect(data.process).toMatch(/^rideflow-email-[0-9a-f]{6}$/);
    child.process.kill('SIGTERM');
    await listener.ended;
    expect(listener.all('status').at(-1).ready).toEqual(['stopping']);
    expect(await child.ended).toBe(0);
    expect(messages(child)).toContain('the first has stopped');
  });

  test('before it has started ends with 0', async () => {
    const child = start({ WIRE: 'when told' });
    await child.logged('listening');
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });

  test('ends with 1 and names what does not stop, after it stopped all the others', async () => {
    const child = await started({ STOP: 'never' });
    child.process.kill('SIGTERM');
    child.process.kill('SIGTERM'); // impatience changes nothing
    expect(await child.ended).toBe(1);
    expect(child.lines).toContainEqual(
      expect.objectContaining({ msg: 'did not stop in time', what: 'the last' }),
    );
    expect(messages(child).slice(-3)).toEqual(['failed to stop', 'the first has stopped', 'stopped']);
  });

  test('by the end of its parent ends too', async () => {
    const child = await started();
    child.process.disconnect();
    expect(await child.ended).toBe(0);
    expect(child.lines).toContainEqual(
      expect.objectContaining({ msg: 'stopping', why: 'the parent process has ended' }),
    );
  });
});

test.each([
  ['throw', /JSON/],
  ['reject', /nobody waits for this/],
])('a bug (%s) is logged, and ends the service with 1 after a clean stop', async (bug, reason) => {
  const child = await started();
  child.process.send(bug);
  expect(await child.ended).toBe(1);
  expect(child.lines).toContainEqual(
    expect.objectContaining({
      level: 60,
      msg: 'unexpected error',
      err: expect.objectContaining({ message: expect.stringMatching(reason), stack: expect.any(String) }),
    }),
  );
  expect(messages(child).at(-1)).toBe('stopped');
});
