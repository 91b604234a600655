import { expect, test } from '@jest/globals';
import { help, readOptions } from './options.ts';

test('without options it checks what npm start has started', () => {
  expect(readOptions([])).toEqual({
    help: false,
    json: false,
    brokers: undefined,
    mailbox: 'http://localhost:1080',
    mailsSince: undefined,
    stats: { url: 'http://localhost:4003' },
    accepted: undefined,
    from: undefined,
    wait: 0,
  });
});

test('times become milliseconds since 1970, seconds milliseconds, a path a file, and "none" nothing', () => {
  const args = '--from 2026-01-01T12:00:00Z --mails-since 2026-01-01T13:00+01:00 --wait 2.5 --mailbox none';
  const moment = Date.UTC(2026, 0, 1, 12);
  expect(readOptions([...args.split(' '), '--stats', 'a.sqlite'])).toMatchObject({
    from: moment,
    mailsSince: moment,
    wait: 2500,
    mailbox: null,
    stats: { file: 'a.sqlite' },
  });
  expect(readOptions(['--stats', 'none']).stats).toBeNull();
});

test.each([
  ['--from', 'yesterday', 'a time with a time zone'],
  ['--from', '2026-01-01T12:00:00', 'a time with a time zone'],
  ['--wait', '-1', '--help lists'],
  ['--wait', '4000', 'from 0 to 3600'],
  ['--mailbox', 'localhost:1080', 'an address'],
  ['--stats', 'ftp://localhost', 'an address'],
])('%s %s is rejected with what is accepted', (option, value, accepted) => {
  expect(() => readOptions([option, value])).toThrow(accepted);
});

test('an unknown option is refused, and the help names each one that is known', () => {
  expect(() => readOptions(['--nonsense'])).toThrow("Unknown option '--nonsense'");
  for (const name of ['brokers', 'mailbox', 'mails-since', 'stats', 'accepted', 'from', 'wait', 'json'])
    expect(help).toContain(`--${name} `);
});
