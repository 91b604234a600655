import { expect, test } from '@jest/globals';
import { commonConfig, readConfig } from '@rideflow/shared/config.ts';
import { controlSettings } from './controls/settings.ts';
import { observerSettings, withAddresses } from './settings.ts';

const addresses = (env: NodeJS.ProcessEnv) =>
  withAddresses(readConfig({ ...commonConfig('flow', 4004), ...observerSettings, ...controlSettings }, env));

test('where rides and the mailbox are is said once, and what else needs it follows', () => {
  expect(addresses({})).toMatchObject({
    RIDES_URL: 'http://localhost:4000',
    MAILBOX_URL: 'http://localhost:1080',
    PUBLIC_MAILBOX_URL: 'http://localhost:1080',
  });
  expect(
    addresses({ FEEDS: 'email=http://mail:1,rides=http://rides:5000/', MAILBOX_URL: 'http://mailbox:1' }),
  ).toMatchObject({
    RIDES_URL: 'http://rides:5000',
    PUBLIC_MAILBOX_URL: 'http://mailbox:1',
  });
  expect(addresses({ FEEDS: 'email=http://mail:1' }).RIDES_URL).toBe('http://localhost:4000');
});

test('what is set counts, whatever it could follow from', () => {
  const set = {
    RIDES_URL: 'http://rides:1',
    PUBLIC_MAILBOX_URL: 'http://localhost:2',
  };
  expect(
    addresses({ FEEDS: 'rides=http://other:5000', MAILBOX_URL: 'http://mailbox:1', ...set }),
  ).toMatchObject(set);
});
