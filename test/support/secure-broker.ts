/** A broker that requires passwords, optionally with TLS, and enforces the access control list. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Broker, startBroker } from '../../infra/broker/broker.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import type { Settings } from '../../infra/broker/settings.ts';
import { findJava, run } from '../../infra/broker/tools.ts';
import { addScramUser } from './scram.ts';

export interface SecureBroker extends Broker {
  /** Requires a password: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  sasl: string;
  /** The same over TLS. */
  saslTls: string;
  /** TLS only, without a password. */
  tls: string;
  /** A file with the certificate authority of this broker, PEM. */
  ca: string;
}

export const passwordOf = (user: string) => `pw-${user}-7f3a`;
const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule';

/**
 * @param users users that can log in; `operator` has all permissions
 * @param scramUsers users that can also log in with SCRAM, and the mechanism
 * @throws Error without Java, because the image cannot use keys from a folder of the test
 */
export async function startSecureBroker(
  folder: string,
  users: string[],
  scramUsers: Record<string, 'SCRAM-SHA-256' | 'SCRAM-SHA-512'>,
): Promise<SecureBroker> {
  await mkdir(folder, { recursive: true });
  const [sasl = 0, saslTls = 0, tls = 0] = await freePorts(3);
  const keys = await makeKeys(folder);
  const listeners = { SASL: sasl, SASLTLS: saslTls, TLS: tls };
  const adapt = (settings: Settings): Settings => ({
    ...settings,
    listeners: `${settings.listeners},${urls(listeners, '127.0.0.1')}`,
    'advertised.listeners': `${settings['advertised.listeners']},${urls(listeners, 'localhost')}`,
    'listener.security.protocol.map': `${settings['listener.security.protocol.map']},SASL:SASL_PLAINTEXT,SASLTLS:SASL_SSL,TLS:SSL`,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...Object.fromEntries(
      ['sasl', 'sasltls'].flatMap((name) => [
        [
          `listener.name.${name}.plain.sasl.jaas.config`,
          `${plain} required ${users.map((user) => `user_${user}="${passwordOf(user)}"`).join(' ')};`,
        ],
        [`listener.name.${name}.scram-sha-256.sasl.jaas.config`, `${scram} required;`],
        [`listener.name.${name}.scram-sha-512.sasl.jaas.config`, `${scram} required;`],
      ]),
    ),
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': keys.store,
    'ssl.keystore.password': keys.password,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // The listener without a password is only for this test: the broker connects to itself with it.
    'super.users': 'User:ANONYMOUS;User:operator',
  });
  const env = { ...process.env, KAFKA_BROKERS: undefined };
  const broker = await startBroker({ dataDir: join(folder, 'kafka'), env, way: 'local', adapt });
  try {
    for (const [user, mechanism] of Object.entries(scramUsers))
      await addScramUser(broker.brokers[0] ?? '', user, mechanism, passwordOf(user));
  } catch (error) {
    await broker.stop();
    throw error;
  }
  const at = (port: number) => `localhost:${port}`;
  return { ...broker, sasl: at(sasl), saslTls: at(saslTls), tls: at(tls), ca: keys.ca };
}

const urls = (ports: Record<string, number>, host: string) =>
  Object.entries(ports)
    .map(([name, port]) => `${name}://${host}:${port}`)
    .join(',');

/** A key for `localhost`, with a certificate that it signed itself. */
async function makeKeys(folder: string) {
  const [store, ca, password] = [join(folder, 'keys.p12'), join(folder, 'ca.pem'), 'keystore-password'];
  const java = await findJava(process.env);
  const keytool = java && java.command !== 'java' ? join(dirname(java.command), 'keytool') : 'keytool';
  const common = ['-alias', 'kafka', '-keystore', store, '-storetype', 'PKCS12', '-storepass', password];
  const steps = [
    [
      '-genkeypair',
      ...common,
      '-keyalg',
      'EC',
      '-dname',
      'CN=localhost',
      '-ext',
      'san=dns:localhost',
      '-ext',
      'bc:c',
    ],
    ['-exportcert', ...common, '-rfc', '-file', ca],
  ];
  for (const step of steps) {
    const { code, output } = await run(keytool, step, process.env);
    if (code !== 0) throw new Error(`keytool failed: ${output}`);
  }
  return { store, ca, password };
}
