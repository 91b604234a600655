/** The controls of the flow page, asked as the page asks, on a whole system whose processes really start, die and forget. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { processNames, type System } from '../infra/system/system.ts';
import type { Controls, DeadLetterView, Process, View } from '../services/flow/src/protocol.ts';
import { type ControlledSystem, startControlledSystem } from './support/controlled-system.ts';
import { eventually } from './support/eventually.ts';

let it: ControlledSystem;
let system: System;
let lines: string[];

beforeAll(async () => {
  it = await startControlledSystem();
  ({ system, lines } = it);
});
afterAll(() => it?.stop());

async function ask<T = Controls>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${system.url('flow')}/api${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as T & { detail?: string };
  if (!response.ok) throw new Error(`${response.status} ${answer.detail}`);
  return answer;
}

/** The first event of this name in a stream of server-sent events. */
async function firstEvent<T>(url: string, name: string): Promise<T> {
  const response = await fetch(url);
  let text = '';
  // Leaving the loop ends the stream.
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const data = new RegExp(`^event: ${name}\ndata: (.*)\n`, 'm').exec(text)?.[1];
    if (data !== undefined) return JSON.parse(data) as T;
  }
  throw new Error(`the stream of ${url} ended before it began`);
}

/** What the page shows when it is opened. */
const view = () => firstEvent<View>(`${system.url('flow')}/events`, 'snapshot');

const living = async (service: string) =>
  (await view()).processes.filter((one) => one.service === service && one.state === 'alive');
const running = (service: string) =>
  system.instances.filter((one) => one.service === service && one.child.running).map(({ as }) => as);
const rides = () => it.counted();
/** How many rides there are, when all of them are counted. */
const allCounted = () =>
  eventually(async () => {
    const { accepted, inFlight } = (await view()).totals;
    expect(inFlight).toBe(0);
    expect(await rides()).toBe(accepted);
    return accepted;
  });

test('a stream is booked, with keys and without, and every ride of it is counted', async () => {
  await ask('PUT', '/controls/stream', { rate: 40, keys: true });
  await eventually(async () => expect((await ask('GET', '/controls')).stream?.booked).toBeGreaterThan(20));
  await ask('PUT', '/controls/stream', { rate: 40, keys: false });
  await eventually(async () => expect((await ask('GET', '/controls')).stream?.booked).toBeGreaterThan(20));
  expect((await ask('DELETE', '/controls/stream')).stream).toBeNull();
  await allCounted();
});

test('one more process joins; the one that is killed stays dead until it is started again', async () => {
  await ask('POST', '/controls/processes/transaction');
  expect(running('transaction')).toEqual(['transaction', 'transaction-2']);
  const url = `http://localhost:${system.instances.find(({ as }) => as === 'transaction')?.port}`;
  const doomed = await eventually(async () => {
    const all = await living('transaction');
    expect(all).toHaveLength(2);
    const status = await Promise.all(all.map(({ id }) => isAt(url, id)));
    return all[status.indexOf(true)] as Process;
  });
  await ask('DELETE', `/controls/processes/${doomed.id}?how=kill`);
  expect(running('transaction')).toEqual(['transaction-2']);
  await ask('POST', '/controls/processes/transaction');
  expect(running('transaction')).toEqual(['transaction', 'transaction-2']);
  expect(lines.join('\n')).not.toContain('transaction again');
});

/** Whether the process with this id is the one at that address. */
const isAt = async (url: string, id: string) =>
  (await firstEvent<{ process: string }>(`${url}/feed`, 'status')).process === id;

test('a process that dies at its crash point is started again by itself', async () => {
  await ask('PUT', '/controls/crash/email', { at: 'after-mail' });
  await ask('POST', '/controls/book', {});
  await eventually(() => expect(lines).toContain('email ended killed by SIGKILL'));
  await eventually(async () => expect(await living('email')).toHaveLength(1));
});

test('another guarantee starts the processes of that service again with it', async () => {
  await ask('PUT', '/controls/guarantee/transaction', { guarantee: 'at-least-once' });
  await eventually(async () => {
    const all = await living('transaction');
    expect(all.map(({ guarantee }) => guarantee)).toEqual(['at-least-once', 'at-least-once']);
  });
});

test('what is not possible is refused in words', async () => {
  await expect(ask('POST', '/controls/processes/analytics')).rejects.toThrow(
    '409 analytics keeps its statistics',
  );
  await expect(ask('DELETE', '/controls/processes/nobody')).rejects.toThrow(
    '404 There is no process "nobody"',
  );
});

/** How a dead letter was settled, as soon as its transaction is over. */
const settled = ({ coordinates }: DeadLetterView, how: object) =>
  eventually(async () => {
    const { resolved } = await ask<DeadLetterView>('GET', `/dead-letters/${coordinates}`);
    expect(resolved).toMatchObject(how);
    return resolved;
  });

test('poison is parked, mended, replayed once, and then counted like any ride', async () => {
  const before = await allCounted();
  await ask('POST', '/controls/poison', { kind: 'wrong-field' });
  const [letter] = await eventually(async () => {
    const all = await ask<DeadLetterView[]>('GET', '/dead-letters');
    expect(all).toHaveLength(1);
    return all as [DeadLetterView];
  });
  expect(letter).toMatchObject({
    reader: 'transaction',
    resolved: null,
    reason: expect.stringContaining('lat'),
  });
  const coordinates = [letter.coordinates];
  await expect(ask('POST', '/controls/dead-letters/replay', { coordinates })).rejects.toThrow(
    'would park it again',
  );
  const mended = (letter.value as { text: string }).text.replace('1297', '12.97');
  await ask('POST', '/controls/dead-letters/replay', { coordinates, edit: { text: mended } });
  const as = expect.stringMatching(/^ride_details\//);
  const first = await settled(letter, { by: 'replay', as });
  await eventually(async () => expect(await rides()).toBe(before + 1));
  await ask('POST', '/controls/dead-letters/replay', { coordinates });
  expect(await settled(letter, {})).toEqual(first);
  await expect(ask('GET', '/dead-letters/ride_confirmed.email.dlq/0/99')).rejects.toThrow(
    '404 There is no dead letter',
  );
});

test('a mail server that refuses for good makes a dead letter', async () => {
  expect((await ask('PUT', '/controls/mail', { fault: 'never' })).mailFault).toBe('never');
  await ask('POST', '/controls/book', { payment_token: 'tok_ok' });
  const letter = await eventually(async () => {
    const all = await ask<DeadLetterView[]>('GET', '/dead-letters');
    return all.find(({ reader }) => reader === 'email') ?? Promise.reject(new Error('none yet'));
  });
  expect(letter.reason).toContain('550');
  await ask('PUT', '/controls/mail', { fault: 'none' });
  await ask('POST', '/controls/dead-letters/drop', { coordinates: [letter.coordinates] });
  await settled(letter, { by: 'drop' });
});

test('a reset forgets everything: topics, groups, statistics, mails, further processes', async () => {
  const since = lines.length;
  await ask('POST', '/controls/reset');
  const ready = processNames.map((name) => `${name} ready ${system.url(name)}`);
  await eventually(() => expect(lines.slice(since)).toEqual(expect.arrayContaining(ready)));
  const { lanes, totals } = await view();
  expect(lanes.map(({ end }) => end)).toEqual(lanes.map(() => 0));
  expect(totals).toMatchObject({ accepted: 0, lost: 0 });
  expect(await rides()).toBe(0);
  expect(await it.mails()).toEqual([]);
  expect(running('transaction')).toEqual(['transaction']);
  await ask('POST', '/controls/book', {});
  await eventually(async () => expect(await rides()).toBe(1));
});

test('messages are deleted up to an offset that the partition has, and no further', async () => {
  const expire = (partition: number, before: number) =>
    ask('POST', '/controls/expire', { topic: 'ride_details', partition, before });
  await expect(expire(0, 1_000_000)).rejects.toThrow(
    /^400 The offset must be from \d+ to \d+, the offsets that/,
  );
  await expect(expire(99, 0)).rejects.toThrow('404 ride_details has no partition 99.');
  const lane = async () =>
    (await view()).lanes.find(({ topic, partition }) => topic === 'ride_details' && partition === 0);
  // One for each partition.
  for (let n = 0; n < 3; n++) await ask('POST', '/controls/poison', { kind: 'tutorial' });
  const end = await eventually(async () => {
    const { end = 0, start = 0 } = (await lane()) ?? {};
    expect(end).toBeGreaterThan(start);
    return end;
  });
  await expire(0, end);
  await eventually(async () => expect(await lane()).toMatchObject({ start: end }));
});
