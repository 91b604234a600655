import { request } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { commandsFor } from './commands.ts';
import { type Listening, listen, startControls, type TestControls } from './fixtures.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function controls(...args: Parameters<typeof startControls>): Promise<TestControls> {
  const started = await startControls(...args);
  open.push(started);
  return started;
}
async function other(...args: Parameters<typeof listen>): Promise<Listening> {
  const started = await listen(...args);
  open.push(started);
  return started;
}
const process = (name: string, { url }: Listening) => ({ id: `rideflow-${name}`, name, url });
const eventually = async (check: () => void) => {
  for (;;) {
    try {
      return check();
    } catch {
      await new Promise(setImmediate);
    }
  }
};

test('without TEACHING nothing can be changed, and the page is told why', async () => {
  const { send } = await controls({ TEACHING: 'off' });
  const shown = await send('GET', '/controls');
  expect(shown.body).toMatchObject({ on: false, why: expect.stringContaining('TEACHING=on') });
  for (const path of ['/controls/book', '/controls/expire', '/controls/reset', '/controls/processes/email'])
    expect(await send('POST', path, {})).toMatchObject({ status: 403 });
});

test('a page that another name leads here can change nothing', async () => {
  const { url } = await controls({});
  const status = await new Promise((resolve) => {
    const headers = { host: 'evil.example', 'content-type': 'application/json' };
    request(`${url}/api/controls/book`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end('{}');
  });
  expect(status).toBe(403);
});

test('what another site could send by a form is refused', async () => {
  const { url } = await controls({});
  const response = await fetch(`${url}/api/controls/book`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(415);
});

test('one ride is booked at rides, whose answer is passed on', async () => {
  const rides = await other(() => [202, { ride: { id: 'r1' } }]);
  const { send } = await controls({ RIDES_URL: rides.url });
  const answer = await send('POST', '/controls/book', { customer_id: 'user_7' });
  expect(answer).toEqual({ status: 202, body: { ride: { id: 'r1' } } });
  expect(rides.asked[0]).toMatch(/^POST \/rides \{"customer_id":"user_7","location":/);
  await send('POST', '/controls/book', {});
  expect(rides.asked[1]).toMatch(/"customer_id":"user_\d+"/);
});

test('a ride that rides refuses, and rides that is away, are told in words', async () => {
  const rides = await other(() => [503, { detail: 'Kafka does not answer.' }]);
  const { send } = await controls({ RIDES_URL: rides.url });
  const refused = await send('POST', '/controls/book', {});
  expect([refused.status, refused.body.detail]).toEqual([503, 'rides: Kafka does not answer.']);
  await rides.close();
  open.splice(open.indexOf(rides), 1);
  const away = await send('POST', '/controls/book', {});
  expect([away.status, away.body.detail]).toEqual([502, expect.stringContaining('rides does not answer at')]);
});

test('a wrong field is named', async () => {
  const { send } = await controls({});
  const wrong = await send('PUT', '/controls/stream', { rate: 2001, keys: 'no' });
  expect(wrong).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('/rate must be at most 2000') },
  });
});

test('a stream books until it is stopped, and counts', async () => {
  const rides = await other(() => [202, {}]);
  const { send } = await controls({ RIDES_URL: rides.url });
  const started = await send('PUT', '/controls/stream', { rate: 10, keys: true });
  expect(started.body.stream).toMatchObject({ rate: 10, keys: true });
  await eventually(() => expect(rides.asked.length).toBeGreaterThan(1));
  expect((await send('GET', '/controls')).body.stream?.booked).toBeGreaterThan(0);
  expect((await send('DELETE', '/controls/stream')).body.stream).toBeNull();
});

test('a process that has just been started is waited for; where none comes, that is said at once', async () => {
  const email = await other();
  const processes: Parameters<typeof startControls>[1] = {};
  const instances = [{ name: 'email', service: 'email', url: email.url }];
  const { send } = await controls({}, processes, instances);
  const sent = send('PUT', '/controls/crash/email', { at: 'after-mail' });
  expect(await send('PUT', '/controls/crash/transaction', { at: 'after-produce' })).toMatchObject({
    status: 409,
    body: { detail: 'No process of transaction is known that could be asked.' },
  });
  processes.email = [process('email', email)];
  expect(await sent).toMatchObject({ status: 200 });
  expect(email.asked).toEqual(['PUT /admin/crash-point {"at":"after-mail"}']);
});

test('pace, step and crash points reach the processes: all of a service, or one', async () => {
  const [one, two] = [await other(), await other()];
  const { send } = await controls({}, { email: [process('email', one), process('email-2', two)] });
  await send('PUT', '/controls/pace/email', { delay: 10, paused: false, step: true });
  await send('POST', '/controls/step/email', {});
  await send('PUT', '/controls/pace/email', {
    delay: 0,
    paused: true,
    step: false,
    process: 'rideflow-email-2',
  });
  await send('POST', '/controls/step/email', { process: 'rideflow-email' });
  await send('PUT', '/controls/crash/email', { at: 'after-mail', process: 'rideflow-email-2' });
  await send('PUT', '/controls/crash/email', { at: 'after-mail:2' });
  await send('DELETE', '/controls/crash/email');
  const both = ['PUT /admin/pace {"delay":10,"paused":false,"step":true}', 'POST /admin/step {}'];
  expect(one.asked).toEqual([
    ...both,
    'POST /admin/step {}',
    'PUT /admin/crash-point {"at":"after-mail:2"}',
    'DELETE /admin/crash-point',
  ]);
  expect(two.asked).toEqual([
    ...both,
    'PUT /admin/pace {"delay":0,"paused":true,"step":false}',
    'PUT /admin/crash-point {"at":"after-mail"}',
    'DELETE /admin/crash-point',
  ]);
});

test('a service that does not exist, has no process or takes no orders says so', async () => {
  const silent = await other(() => [404, { detail: 'There is nothing here.' }]);
  const { send } = await controls({}, { email: [process('email', silent)] });
  const pace = { delay: 0, paused: true, step: false };
  const detail = async (service: string) =>
    (await send('PUT', `/controls/pace/${service}`, pace)).body.detail;
  expect(await detail('mailbox')).toContain('There is no service "mailbox"');
  expect(await detail('rides')).toContain('rides reads no topic');
  expect(await detail('transaction')).toContain('No process of transaction is known');
  expect(await detail('email')).toContain('email takes no orders: it was not started with ADMIN=on');
});

test('processes are started and ended by the supervisor, which knows them by their ports', async () => {
  const email = await other();
  const instances = [{ name: 'email-2', service: 'email', url: email.url.replace('127.0.0.1', 'localhost') }];
  const { send, wishes } = await controls({}, { email: [process('email', email)] }, instances);
  expect((await send('GET', '/controls')).body.processes).toBe('here');
  await send('POST', '/controls/processes/transaction', {});
  await send('DELETE', '/controls/processes/rideflow-email?how=kill');
  await send('PUT', '/controls/guarantee/transaction', { guarantee: 'at-most-once' });
  await send('PUT', '/controls/frozen', { process: 'rideflow-email' });
  await send('DELETE', '/controls/frozen');
  expect((await send('DELETE', '/controls/broker')).body.broker).toBe(true);
  await send('PUT', '/controls/broker', {});
  await send('POST', '/controls/reset', {});
  expect(wishes).toEqual([
    { what: 'start', service: 'transaction' },
    { what: 'end', instance: 'email-2', how: 'kill' },
    { what: 'guarantee', service: 'transaction', guarantee: 'at-most-once' },
    { what: 'freeze', instance: 'email-2' },
    { what: 'thaw' },
    { what: 'broker', up: false },
    { what: 'broker', up: true },
    { what: 'reset' },
  ]);
  expect((await send('DELETE', '/controls/processes/nobody')).status).toBe(404);
  expect((await send('PUT', '/controls/guarantee/email', { guarantee: 'exactly-once' })).body.detail).toBe(
    'The guarantee of email must be one of at-most-once, at-least-once.',
  );
});

test('the mailbox is told its fault, and another mail server is said to have none', async () => {
  let fault = 'none';
  const mailbox = await other((line) => {
    fault = /^PUT \/fault \{"fault":"(\w+)"\}/.exec(line)?.[1] ?? fault;
    return [200, { fault }];
  });
  const { send } = await controls({ MAILBOX_URL: mailbox.url });
  expect((await send('PUT', '/controls/mail', { fault: 'later' })).body.mailFault).toBe('later');
  const maildev = await other(() => [404, {}]);
  const { send: under } = await controls({ MAILBOX_URL: maildev.url });
  expect((await under('GET', '/controls')).body.mailFault).toBeNull();
  expect(await under('PUT', '/controls/mail', { fault: 'later' })).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('cannot be made to fail') },
  });
});

test('under compose the page shows what to type', async () => {
  const { send } = await controls({ TEACHING: 'container' });
  const { body } = await send('GET', '/controls');
  expect(body).toMatchObject({
    on: true,
    processes: 'compose',
    commands: { kill: expect.stringContaining('compose kill') },
  });
});

test('the commands for the class and for a ride are those of this system, also where its ports are moved', () => {
  const commands = (PORT: number, PUBLIC_RIDES_URL: string) =>
    commandsFor('here', { PORT, PUBLIC_RIDES_URL });
  expect(commands(4004, 'http://localhost:4000').share).toBe('npm start -- --share');
  expect(commands(7304, 'http://localhost:7300')).toMatchObject({
    share: 'npm start -- --port-offset 3300 --share',
    book: expect.stringMatching(/^curl http:\/\/localhost:7300\/rides /),
  });
});
