import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDatabase, prepareStatements } from '../../services/analytics/src/database.ts';
import { encodings } from '../../test/support/encodings.ts';
import { askForStatistics, mailbox, readAccepted, readStatisticsFile } from './sources.ts';

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rideflow-'));
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function serve(body: unknown, headers: Record<string, string> = {}, status = 200): Promise<string> {
  server = createServer((_request, response) => {
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('it reads the mails about rides, and since when the mailbox has all of them', async () => {
  const url = await serve(
    [{ messageId: '<a@x>', headers: { 'x-ride-id': 'a', 'message-id': '<a@x>' } }, { headers: {} }],
    { 'x-complete-since': '2026-01-01T12:00:00.000Z' },
  );
  const box = mailbox(url);
  expect(await box.mails()).toEqual([{ messageId: '<a@x>', rideId: 'a' }]);
  expect(box.mailsSince()).toBe(Date.UTC(2026, 0, 1, 12));
});

test('a mailbox that does not report since when it has its mails has all of them, unless the caller knows better', async () => {
  const url = await serve([]);
  const [box, known] = [mailbox(url), mailbox(url, 1234)];
  await Promise.all([box.mails(), known.mails()]);
  expect([box.mailsSince(), known.mailsSince()]).toEqual([0, 1234]);
});

test('a service that does not answer, or answers with an error, is named', async () => {
  await expect(mailbox('http://127.0.0.1:9').mails()).rejects.toThrow(/the mailbox does not answer/);
  await expect(askForStatistics(await serve({}, {}, 503))).rejects.toThrow('analytics answers 503');
});

test('a statistics file says the same as analytics would', () => {
  const file = join(folder, 'analytics.sqlite');
  const database = openDatabase(file);
  const { write, position } = prepareStatements(database);
  write.run('all', '', 3, 1, 2, 21, 12);
  write.run('driver', 'driver_1', 1, 0, 1, 9, 9);
  write.run('driver', '(others)', 1, 0, 1, 12, 12);
  write.run('minute', '60000', 3, 1, 2, 21, 12);
  position.run(0, '5', 1);
  expect(() => readStatisticsFile(file)).toThrow('analytics has it open');
  database.close();
  const all = { rides: 3, rejected: 1, average_pickup_minutes: 10.5, max_pickup_minutes: 12 };
  expect(readStatisticsFile(file)).toEqual({
    overall: all,
    drivers: {
      top: [{ driver: 'driver_1', rides: 1, rejected: 0, average_pickup_minutes: 9, max_pickup_minutes: 9 }],
      others: { rides: 1, rejected: 0, average_pickup_minutes: 12, max_pickup_minutes: 12 },
    },
    minutes: [{ start: '1970-01-01T00:01:00.000Z', ...all }],
    next_offsets: { 0: '5' },
  });
  expect(() => readStatisticsFile(join(folder, 'none'))).toThrow('none does not exist');
});

test.each(encodings)('accepted rides are read from a file in %s', async (_name, encode) => {
  const file = join(folder, 'accepted.ndjson');
  await writeFile(file, encode('{"id":"a","customer_id":"u"}\r\n'));
  expect(await readAccepted(file)).toEqual([{ id: 'a', customer_id: 'u' }]);
  await writeFile(file, Buffer.from('{"id":"é"}', 'latin1'));
  await expect(readAccepted(file)).rejects.toThrow(`${file} cannot be read: it is neither UTF-8 nor UTF-16.`);
});

test('accepted rides are read line by line, and the first invalid line is named', async () => {
  const file = join(folder, 'accepted.ndjson');
  await writeFile(
    file,
    '{"id":"a","customer_id":"u"}\n\n{"id":"b","customer_id":"u","sent":1,"answered":2,"more":3}\n',
  );
  expect(await readAccepted(file)).toEqual([
    { id: 'a', customer_id: 'u' },
    { id: 'b', customer_id: 'u', sent: 1, answered: 2 },
  ]);
  await writeFile(file, '{"id":"a","customer_id":"u"}\n{"id":7}\n');
  await expect(readAccepted(file)).rejects.toThrow(`line 2 of ${file} is not a ride`);
  await expect(readAccepted(join(folder, 'none'))).rejects.toThrow('none does not exist');
});
