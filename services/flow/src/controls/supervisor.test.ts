import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { type Asked, createSupervisor, type Instance } from './supervisor.ts';

const transaction: Instance = { name: 'transaction', service: 'transaction', url: 'http://localhost:4001' };

class Parent extends EventEmitter {
  readonly asked: Asked[] = [];
  send(message: unknown) {
    return this.asked.push(message as Asked) > 0;
  }
}

test('who answers with the processes that run is a supervisor, and each change is told', () => {
  const parent = new Parent();
  const supervisor = createSupervisor(parent);
  expect(parent.asked[0]?.wish).toEqual({ what: 'hello' });
  expect(supervisor.present()).toBe(false);
  const seen: string[][] = [];
  supervisor.onInstances((instances) => seen.push(instances.map(({ name }) => name)));
  parent.emit('message', { control: 'instances', instances: [transaction] });
  parent.emit('message', { control: 'instances', instances: [] });
  expect(supervisor.present()).toBe(true);
  expect(seen).toEqual([['transaction'], []]);
});

test('an answer belongs to its question, and a refusal is a problem in words', async () => {
  const parent = new Parent();
  const supervisor = createSupervisor(parent);
  parent.emit('message', { control: 'instances', instances: [] });
  const first = supervisor.ask({ what: 'start', service: 'email' });
  const second = supervisor.ask({ what: 'start', service: 'analytics' });
  const [, one, two] = parent.asked;
  parent.emit('message', { control: 'answer', id: two?.id, refused: { status: 409, detail: 'One only.' } });
  parent.emit('message', { control: 'answer', id: one?.id });
  await expect(first).resolves.toBeUndefined();
  await expect(second).rejects.toMatchObject({ status: 409, message: 'One only.' });
});

test('without a supervisor nothing is started', async () => {
  const supervisor = createSupervisor(new EventEmitter());
  await expect(supervisor.ask({ what: 'reset' })).rejects.toMatchObject({ status: 409 });
  expect(supervisor.instances()).toEqual([]);
});
