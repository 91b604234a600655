import { expect, test } from '@jest/globals';
import { readConfig } from '@rideflow/shared/config.ts';
import { mailSettings } from './config.ts';

const read = (env: Record<string, string>) => readConfig(mailSettings, env);

test('without any setting the mails go to the local mailbox', () => {
  expect(read({})).toEqual({
    SMTP_URL: 'smtp://localhost:1025',
    SMTP_CONNECTIONS: 10,
    MAIL_FROM: { name: 'Rideflow', address: 'rides@rideflow.example' },
  });
});

test.each(['localhost:1025', 'http://localhost:1025', 'smtp://', 'mail'])(
  'SMTP_URL=%s is rejected with what is accepted',
  (SMTP_URL) => {
    expect(() => read({ SMTP_URL })).toThrow(/^SMTP_URL="[^"]+": must be smtp:\/\/host:port/);
  },
);

test.each(['Rideflow', 'a@example.com, b@example.com', 'a@example.com\r\nBcc: b@example.com', '<>'])(
  'MAIL_FROM=%j is rejected with what is accepted',
  (MAIL_FROM) => {
    expect(() => read({ MAIL_FROM })).toThrow(
      'must be one address, such as Rideflow <rides@rideflow.example>',
    );
  },
);

test('MAIL_FROM may have an internationalized domain, and the error says why it is not an address', () => {
  expect(read({ MAIL_FROM: 'Такси <info@пример.рф>' }).MAIL_FROM).toEqual({
    name: 'Такси',
    address: 'info@xn--e1afmkfd.xn--p1ai',
  });
  expect(read({ MAIL_FROM: 'info@xn--e1afmkfd.xn--p1ai' }).MAIL_FROM.address).toBe(
    'info@xn--e1afmkfd.xn--p1ai',
  );
  expect(() => read({ MAIL_FROM: 'Rideflow <rides@ex_ample.com>' })).toThrow(
    '"ex_ample.com" after the @ is not a domain name',
  );
});

test('MAIL_FROM can be a bare address', () => {
  expect(read({ MAIL_FROM: 'a@example.com' }).MAIL_FROM).toEqual({ name: '', address: 'a@example.com' });
});

test.each(['0', '1.5', '-1', '10000', 'many'])(
  'SMTP_CONNECTIONS=%s is rejected with what is accepted',
  (SMTP_CONNECTIONS) => {
    expect(() => read({ SMTP_CONNECTIONS })).toThrow(
      /^SMTP_CONNECTIONS=.*must be a whole number from 1 to 1000/,
    );
  },
);
