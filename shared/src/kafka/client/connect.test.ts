import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { encodings } from '../../../../test/support/encodings.ts';
import { commonConfig, readConfig } from '../../config.ts';
import { security } from './connect.ts';

test.each(encodings)('a password and a certificate in %s are those that were meant', (_name, encode) => {
  const folder = mkdtempSync(join(tmpdir(), 'rideflow-'));
  const [password, ca] = [join(folder, 'password'), join(folder, 'ca.pem')];
  writeFileSync(password, encode('hunter2 é\r\n'));
  writeFileSync(ca, encode('-----BEGIN CERTIFICATE-----\n'));
  const config = readConfig(commonConfig('email', 0), {
    KAFKA_TLS_CA: ca,
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: 'email',
    KAFKA_SASL_PASSWORD_FILE: password,
  });
  expect(security(config)).toMatchObject({
    ssl: { ca: ['-----BEGIN CERTIFICATE-----\n'] },
    sasl: { password: 'hunter2 é' },
  });
  rmSync(folder, { recursive: true });
});
