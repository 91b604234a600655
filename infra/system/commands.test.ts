import { expect, test } from '@jest/globals';
import { readOptions as checkOptions } from '../check/options.ts';
import { commandsFor } from './commands.ts';

const usual = {
  brokers: ['localhost:9092'],
  rides: 'http://localhost:4000',
  mailbox: 'http://localhost:1080',
  analytics: 'http://localhost:4003',
};

test('where every address is the default, there is no command to print', () => {
  expect(commandsFor(usual)).toEqual([]);
  expect(commandsFor({ ...usual, brokers: [...usual.brokers, 'localhost:9093', 'localhost:9094'] })).toEqual(
    [],
  );
});

test('with other ports, book and check are printed with their addresses, and check accepts its line', () => {
  const [book, check] = commandsFor({
    brokers: ['localhost:9192', 'localhost:9193'],
    rides: 'http://localhost:4100',
    mailbox: 'http://localhost:1180',
    analytics: 'http://localhost:4103',
  });
  expect(book).toBe('npm run book -- --random 100 --url http://localhost:4100');
  expect(check).toBe(
    'npm run check -- --brokers localhost:9192,localhost:9193 --mailbox http://localhost:1180 --stats http://localhost:4103',
  );
  expect(checkOptions((check as string).split(' ').slice(4))).toMatchObject({
    brokers: 'localhost:9192,localhost:9193',
  });
});

test('where the mails go to another server, check skips them', () => {
  expect(commandsFor({ ...usual, mailbox: undefined })).toEqual(['npm run check -- --mailbox none']);
});
