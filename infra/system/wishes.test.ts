import { expect, test } from '@jest/globals';
import type { Told } from '../../services/flow/src/controls/supervisor.ts';
import type { Child } from './child.ts';
import type { System } from './system.ts';
import { Wishes } from './wishes.ts';

test('a second reset while one runs is refused, and deletes nothing again', async () => {
  const answers: Told[] = [];
  const flow = { send: (told: Told) => answers.push(told) } as unknown as Child;
  const told: string[] = [];
  const forever = new Promise<never>(() => {});
  const system = { instances: [{ as: 'rides' }], choose: () => {}, end: () => forever };
  const wishes = new Wishes({
    system: system as unknown as System,
    brokers: [],
    database: '',
    env: {},
    mayForget: true,
    tell: (line) => told.push(line),
  });
  const reset = (id: number) => wishes.take(flow, { control: 'wish', id, wish: { what: 'reset' } });
  reset(1);
  reset(2);
  await new Promise(setImmediate);
  reset(3);
  const refused = { status: 409, detail: 'Everything is being reset already.' };
  expect(answers).toEqual([
    { control: 'answer', id: 2, refused },
    { control: 'answer', id: 1 },
    { control: 'answer', id: 3, refused },
  ]);
  expect(told).toEqual(['flow page: delete all data and restart']);
});
