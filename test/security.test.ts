/** A broker that wants passwords and enforces what the topology says, and a whole system at it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import { readBack } from '@rideflow/shared/kafka/observing/read-back.ts';
import { allTopics, type ServiceName, topology } from '@rideflow/shared/topology.ts';
import { apply, entryOf } from '../infra/acls/apply.ts';
import { allPermissions } from '../infra/acls/derive.ts';
import { freePorts } from '../infra/broker/ports.ts';
import { findJava } from '../infra/broker/tools.ts';
import { System, serviceNames } from '../infra/system/system.ts';
import { ForeignWriter } from '../services/flow/src/controls/foreign-writer.ts';
import { startChild } from './support/child.ts';
import { eventually } from './support/eventually.ts';
import { type GuardedSmtp, startGuardedSmtp } from './support/guarded-smtp.ts';
import { passwordOf, type SecureBroker, startSecureBroker } from './support/secure-broker.ts';
import { testService } from './support/service.ts';
import { spentOn } from './support/spent.ts';

const services = Object.keys(topology) as ServiceName[];
const emailMain = join(import.meta.dirname, '../services/email/src/main.ts');
const java = await findJava(process.env);
const there = java !== undefined && java.major >= 17;
if (!there)
  console.log('Skipped: a broker with passwords. It is run as a local process, which wants Java 17.');

(there ? describe : describe.skip)('at a broker with passwords', () => {
  let folder: string;
  let broker: SecureBroker;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rideflow-'));
    const scram = { email: 'SCRAM-SHA-256', analytics: 'SCRAM-SHA-512' } as const;
    broker = await startSecureBroker(folder, ['operator', ...services], scram);
    const { stdout } = await acls();
    expect(stdout).toContain(`${allPermissions().length} added, 0 removed`);
  });
  afterAll(async () => {
    await broker?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const acls = (more = {}) =>
    promisify(execFile)('node', ['infra/acls.ts', '--apply'], {
      env: {
        PATH: process.env.PATH,
        KAFKA_BROKERS: broker.sasl,
        PARTITIONS: '3',
        REPLICATION_FACTOR: '1',
        ...login('operator'),
        ...more,
      },
    });
  const login = (user: string, mechanism = 'plain'): Record<string, string> => ({
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: user,
    KAFKA_SASL_PASSWORD: passwordOf(user),
  });
  const kafkaOf = (user: string, name: ServiceName = 'email') =>
    connect(testService(name, [broker.sasl], login(user)), 'admin');
  /** Whether the broker lets it be done. @throws whatever else goes wrong */
  const may = async (what: () => Promise<unknown>) => {
    try {
      await what();
      return true;
    } catch (error) {
      const { message, cause } = error as Error;
      // kafkajs says the last when the broker does not tell where the group of another is.
      if (/not authorized|authorization failed|Failed to find group coordinator/i.test(`${message} ${cause}`))
        return false;
      throw error;
    }
  };

  test.each([
    ['plain', 'rides', 'sasl', false],
    ['plain', 'rides', 'saslTls', true],
    ['scram-sha-256', 'email', 'sasl', false],
    ['scram-sha-256', 'email', 'saslTls', true],
    ['scram-sha-512', 'analytics', 'sasl', false],
    ['scram-sha-512', 'analytics', 'saslTls', true],
  ] as const)('%s as %s at the %s listener lets a service in', async (mechanism, user, listener, tls) => {
    const env = { ...login(user, mechanism), ...(tls && { KAFKA_TLS_CA: broker.ca }) };
    const admin = connect(testService('email', [broker[listener]], env), 'admin').admin();
    await admin.connect();
    await eventually(async () => expect(await admin.listTopics()).toContain('ride_confirmed'));
    await admin.disconnect();
  });

  test('TLS alone is possible, too', async () => {
    const admin = connect(testService('email', [broker.tls], { KAFKA_TLS_CA: broker.ca }), 'admin').admin();
    await admin.connect();
    await admin.disconnect();
  });

  test('a password can come from a file, with or without a line feed at its end', async () => {
    const file = join(folder, 'password');
    await writeFile(file, `${passwordOf('email')}\n`);
    const { KAFKA_SASL_PASSWORD: _, ...rest } = login('email', 'scram-sha-256');
    const admin = connect(
      testService('email', [broker.sasl], { ...rest, KAFKA_SASL_PASSWORD_FILE: file }),
      'admin',
    ).admin();
    await admin.connect();
    await admin.disconnect();
  });

  test.each([
    [
      'a wrong password',
      'sasl',
      { ...login('email'), KAFKA_SASL_PASSWORD: 'wrong-9c1d' },
      /authentication failed/i,
    ],
    ['a mechanism without that user', 'sasl', login('rides', 'scram-sha-512'), /authentication failed/i],
    ['no login', 'sasl', {}, /Closed connection/],
    ['no TLS', 'saslTls', login('email'), /Closed connection/],
    ['an unknown authority', 'saslTls', { ...login('email'), KAFKA_TLS: 'true' }, /self-signed certificate/],
    ['topics of another', 'sasl', login('rides'), /TOPIC_AUTHORIZATION|ot authorized/],
  ] as const)('with %s a service waits, and says why', async (_, listener, env, reason) => {
    const child = startChild(emailMain, { KAFKA_BROKERS: broker[listener], LOG_LEVEL: 'trace', ...env });
    try {
      // On a slow machine it may first say that a connection took too long.
      const line = await eventually(() => {
        const all = child.lines.filter(({ msg }) => msg === 'waiting for Kafka');
        expect(all).toContainEqual(expect.objectContaining({ reason: expect.stringMatching(reason) }));
        return all.at(-1) as Record<string, unknown>;
      });
      expect(line.level).toBe(40);
      expect(line.login).toMatch(/^(as (email|rides) by |without a login)/);
      expect(JSON.stringify(child.lines)).not.toContain('wrong-9c1d');
    } finally {
      await child.kill();
    }
  });

  test('the whole system works, each service with its own user, and no secret gets into a log', async () => {
    const secrets = { token: 'api-token-5e0b27', smtp: 'smtp-password-88d1', guess: 'guessed-token-41aa' };
    const smtp: GuardedSmtp = await startGuardedSmtp('mailer', secrets.smtp);
    smtp.strict = true;
    const [rides = 0, transaction = 0, email = 0, analytics = 0] = await freePorts(4);
    const lines: string[] = [];
    const system = new System({
      brokers: [broker.sasl],
      ports: { rides, transaction, email, analytics, mailbox: 0, smtp: smtp.port },
      database: join(folder, 'analytics.sqlite'),
      replicationFactor: 1,
      env: { PATH: process.env.PATH, LOG_LEVEL: 'trace' },
      extra: {
        rides: { ...login('rides'), API_TOKEN: secrets.token },
        transaction: login('transaction'),
        email: {
          ...login('email', 'scram-sha-256'),
          SMTP_URL: `smtp://mailer:${secrets.smtp}@localhost:${smtp.port}`,
        },
        analytics: {
          ...login('analytics', 'scram-sha-512'),
          KAFKA_BROKERS: broker.saslTls,
          KAFKA_TLS_CA: broker.ca,
        },
      },
      onLine: (name, line) => void lines.push(`${name} ${line}`),
      onEvent: () => {},
    });
    const post = (bearer: string, body: object | string) =>
      fetch(`${system.url('rides')}/rides`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    try {
      await system.start(serviceNames);
      const ride = { customer_id: 'user_1', location: { lat: 12.97, long: 77.59 } };
      expect((await post(secrets.guess, ride)).status).toBe(401);
      expect((await post(secrets.token, '{')).status).toBe(400);
      expect((await post(secrets.token, ride)).status).toBe(202);
      await eventually(() => expect(smtp.refused).toBeGreaterThan(1));
      smtp.strict = false;
      await eventually(() => expect(smtp.mails).toHaveLength(1));
      await eventually(async () => {
        const stats = await (await fetch(`${system.url('analytics')}/stats`)).json();
        expect(stats).toMatchObject({ overall: { rides: 1 } });
      });
      await system.stop();
      expect(lines.some((line) => /login|535/i.test(line))).toBe(true); // the mail server's refusal is told
      const all = lines.join('\n');
      for (const secret of [...Object.values(secrets), ...services.map(passwordOf)]) {
        expect(all).not.toContain(secret);
        expect(all).not.toContain(btoa(secret));
      }
      expect(all).not.toContain(btoa(`\0mailer\0${secrets.smtp}`));
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${lines.slice(-20).join('\n')}`);
    } finally {
      await system.stop();
      await smtp.stop();
    }
  });

  test('the broker lets each service read and write what its row says, and nothing else', async () => {
    const operator = kafkaOf('operator').producer();
    await operator.connect();
    for (const topic of allTopics())
      await operator.send({ topic, messages: [{ partition: 0, value: '{}' }] });
    await operator.disconnect();
    const wanted = allPermissions().filter(({ kind }) => kind === 'topic' || kind === 'cluster');
    const allowed: string[] = [];
    for (const service of services) {
      const kafka = kafkaOf(service);
      // Who may write to no topic may not be an idempotent producer either.
      const writes = wanted.some((p) => p.service === service && p.operation === 'Write');
      const producer = kafka.producer({ idempotent: writes });
      await producer.connect();
      for (const topic of allTopics()) {
        const messages = [{ partition: 0, value: '{}' }];
        if (await may(() => producer.send({ topic, messages }))) allowed.push(`${service} Write ${topic}`);
        const from = { topic, partition: 0, from: 0n, to: 1n };
        if (await may(() => readBack(kafka, from, () => {}))) allowed.push(`${service} Read ${topic}`);
      }
      await producer.disconnect();
      const admin = kafka.admin();
      await admin.connect();
      const settings = [...allTopics().map((name) => [2, name] as const), [4, '1'] as const];
      for (const [type, name] of settings) {
        const resources = [{ type, name }];
        if (await may(() => admin.describeConfigs({ resources, includeSynonyms: false })))
          allowed.push(`${service} DescribeConfigs ${type === 4 ? 'kafka-cluster' : name}`);
      }
      await admin.disconnect();
    }
    expect(allowed.sort()).toEqual(wanted.map((p) => `${p.service} ${p.operation} ${p.name}`).sort());
  });

  test('the permissions are not applied before it is said how the topics are to be created', async () => {
    await expect(acls({ REPLICATION_FACTOR: '' })).rejects.toThrow('REPLICATION_FACTOR must be set');
  });

  test('no service can use the group or the transactions of another, and no service can create a topic', async () => {
    for (const service of services) {
      const admin = kafkaOf(service).admin();
      await admin.connect();
      for (const groupId of ['transaction', 'email', 'analytics']) {
        // The observer sees where all groups are, and can take none away.
        const sees = groupId === service || service === 'flow';
        const seen = await may(() => admin.fetchOffsets({ groupId }));
        expect([service, groupId, seen]).toEqual([service, groupId, sees]);
        if (service !== 'flow') continue;
        const refused = { groups: [{ error: { type: 'GROUP_AUTHORIZATION_FAILED' } }] };
        await expect(admin.deleteGroups([groupId])).rejects.toMatchObject(refused);
      }
      const created = admin.createTopics({ topics: [{ topic: `of-${service}` }] });
      await expect(created).rejects.toMatchObject({ errors: [{ type: 'TOPIC_AUTHORIZATION_FAILED' }] });
      await admin.disconnect();
      const open = async () => {
        const transactionalId = 'transaction/ride_details/0';
        const producer = kafkaOf(service).producer({
          transactionalId,
          idempotent: true,
          maxInFlightRequests: 1,
        });
        await producer.connect();
        await (await producer.transaction()).abort();
        await producer.disconnect();
      };
      expect([service, await may(open)]).toEqual([service, service === 'transaction']);
    }
  });

  test('what the flow page may not write is refused at once, as a sentence', async () => {
    const service = testService('flow', [broker.sasl], login('flow'));
    const writer = new ForeignWriter(service);
    const took = await spentOn(() =>
      expect(writer.write('ride_details', '{}')).rejects.toMatchObject({
        status: 403,
        message: expect.stringMatching(
          /^Kafka does not allow this process to write messages: its login may read/,
        ),
      }),
    );
    expect(took).toBeLessThan(4500); // it does not wait for the end of its patience
    await writer.stop();
  });

  test('permissions beyond the row of a service are removed, and correct ones are kept', async () => {
    const admin = kafkaOf('operator').admin();
    await admin.connect();
    const why = 'somebody gave it by hand';
    const beyond = {
      service: 'email',
      operation: 'Write',
      kind: 'topic',
      name: 'ride_',
      prefix: true,
      why,
    } as const;
    await admin.createAcls({ acl: [entryOf(beyond)] });
    // The broker shows a change a moment after it has answered.
    await eventually(async () =>
      expect(await apply(admin, allPermissions())).toEqual({ added: 0, removed: 1 }),
    );
    await eventually(async () =>
      expect(await apply(admin, allPermissions())).toEqual({ added: 0, removed: 0 }),
    );
    await admin.disconnect();
  });
});
