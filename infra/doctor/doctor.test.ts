import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { startBroker } from '../broker/broker.ts';
import { freePorts } from '../broker/ports.ts';
import type { Settings } from '../broker/settings.ts';
import { findJava } from '../broker/tools.ts';
import { PINNED_VERSION } from '../broker/version.ts';
import { defaultPorts } from '../system/names.ts';
import { metadataVersion, releaseOf } from './features.ts';
import { judged } from './kafka.ts';

const doctor = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  promisify(execFile)(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, '..', 'doctor.ts'), ...args],
    { env },
  );

test('a machine with nothing is told what to install, and the doctor ends with 1', async () => {
  const nothing = doctor({ PATH: import.meta.dirname });
  await expect(nothing).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/missing +Docker.*→.*missing +Java.*→.*npm start cannot work/s),
  });
});

test('KAFKA_BROKERS that leads nowhere is found, and the doctor ends with 1', async () => {
  await expect(doctor({ ...process.env, KAFKA_BROKERS: 'kafka' })).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/missing +KAFKA_BROKERS.*must be host:port/s),
  });
});

test('a port that start needs and that is in use is named, and so is a host port for compose that browsers refuse', async () => {
  const server = createServer().listen(defaultPorts.flow, '127.0.0.1');
  // Another system may run on this machine: then the port is taken as well.
  await once(server, 'listening').catch(() => {});
  const { stdout } = await doctor({ ...process.env, FLOW_PORT: '6000' })
    .catch((failed: { stdout: string }) => failed)
    .finally(() => server.close());
  expect(stdout).toMatch(/warning +Ports +.*4004 \(flow\).*taken/);
  expect(stdout).toMatch(/npm start -- --port-offset \d+/);
  expect(stdout).toMatch(/warning +Compose ports +.*FLOW_PORT=6000\n.*6001/);
});

test('what keeps Docker from being used is named: the group, or a compose that is too old for three brokers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rideflow-docker-'));
  const withDocker = async (script: string) => {
    await writeFile(join(folder, 'docker'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return doctor({ PATH: `${folder}:/usr/bin:/bin`, KAFKA_BROKERS: '' }).catch(
      (failed: { stdout: string }) => failed,
    );
  };
  try {
    const denied = 'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1';
    expect((await withDocker(denied)).stdout).toMatch(
      /Docker +this user is not allowed to use Docker\n.*usermod -aG docker/,
    );
    const old = '[ "$1" = compose ] && echo 2.20.3 || echo 20.10.0';
    expect((await withDocker(old)).stdout).toMatch(
      /warning +Docker compose +version 2.20.3 .*cluster.yml\n.*2.24.4/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the help says what the doctor does', async () => {
  await expect(doctor({}, '--help')).resolves.toMatchObject({
    stdout: expect.stringContaining('npm run doctor'),
  });
});

test('an invalid KAFKA_VERSION is an error that says what is accepted', async () => {
  await expect(doctor({ ...process.env, KAFKA_VERSION: 'latest' })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('KAFKA_VERSION is "latest", but must be a release'),
  });
});

test('a faulty KAFKA_VERSION is warned of, with the one to take', async () => {
  const faulty = doctor({ PATH: import.meta.dirname, KAFKA_VERSION: '4.3.1' });
  await expect(faulty).rejects.toMatchObject({
    stdout: expect.stringMatching(
      /warning +KAFKA_VERSION +4\.3\.1 can lose.*→ unset KAFKA_VERSION to get 4\.4\.0/s,
    ),
  });
});

test.each([
  [20, 'warning', 'the broker runs 3.8; 3.9 to 4.4 are tested'],
  [21, 'ok', 'the broker runs 3.9'],
  [29, 'ok', 'the broker runs 4.2'],
  [30, 'warning', 'can lose transaction markers'],
  [33, 'ok', 'the broker runs 4.4 or newer'],
  [undefined, 'ok', 'the broker does not report its release'],
])('a broker of metadata.version %s is found to be %s', (level, state, found) => {
  const finding = judged(level);
  expect(finding).toMatchObject({ state, found: expect.stringContaining(found) });
  if (state === 'warning') expect(finding.remedy).toContain('use 4.4.0');
});

test('the faulty release line is distinguished from the good ones', () => {
  expect([21, 27, 29, 30, 31].map(releaseOf)).toEqual(['3.9', '4.1', '4.2', '4.3', '4.4 or newer']);
  expect(releaseOf(6)).toBeUndefined();
});

const java = (await findJava(process.env))?.major ?? 0;
(java >= 17 ? test : test.skip)('a broker tells its release line, also at an IPv6 address', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'rideflow-doctor-'));
  // Beside the usual listener one that sends clients on to a name which nobody knows.
  const [elsewhere = 0] = await freePorts(1);
  const adapt = (settings: Settings) => ({
    ...settings,
    listeners: `${settings.listeners},ELSEWHERE://127.0.0.1:${elsewhere}`,
    'advertised.listeners': `${settings['advertised.listeners']},ELSEWHERE://kafka.invalid:${elsewhere}`,
    'listener.security.protocol.map': `${settings['listener.security.protocol.map']},ELSEWHERE:PLAINTEXT`,
  });
  const broker = await startBroker({
    dataDir,
    env: process.env,
    way: 'local',
    version: PINNED_VERSION,
    adapt,
  });
  try {
    const lost = doctor({ ...process.env, KAFKA_BROKERS: `localhost:${elsewhere}` });
    await expect(lost).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        `but advertises kafka.invalid:${elsewhere}, a name that this machine cannot resolve`,
      ),
    });
    const [host = '', port] = (broker.brokers[0] ?? '').split(':');
    expect(releaseOf((await metadataVersion(host, Number(port), false)) ?? 0)).toBe('4.4 or newer');
    if (!Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1')))
      return;
    // At an IPv6 address, and in a list with a space.
    const ipv6 = createServer((socket) => {
      const onward = connect(Number(port), host);
      socket.on('error', () => onward.destroy()).pipe(onward);
      onward.on('error', () => socket.destroy()).pipe(socket);
    }).listen(0, '::1');
    await once(ipv6, 'listening');
    const list = `[::1]:${(ipv6.address() as AddressInfo).port}, ${host}:${port}`;
    const { stdout } = await doctor({ ...process.env, KAFKA_BROKERS: list }).finally(() => ipv6.close());
    expect(stdout).toContain(`${list} answers, with one broker`);
    expect(stdout).toContain('the broker runs 4.4 or newer');
  } finally {
    await broker.stop();
    await rm(dataDir, { recursive: true });
  }
});
