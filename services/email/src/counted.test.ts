import { expect, test } from '@jest/globals';
import { Unprocessable } from '@rideflow/shared/errors.ts';
import { Registry } from 'prom-client';
import { counted } from './counted.ts';
import type { Mail } from './mail.ts';

test('each attempt counts by what the mail server said, from 0, and its error is passed on', async () => {
  const registry = new Registry();
  let error: Error | null = null;
  const mailer = counted(
    {
      async send() {
        if (error) throw error;
      },
      hurry() {},
      close() {},
    },
    registry,
  );
  const mails = async () => (await registry.metrics()).match(/(?<=outcome=)"\w+"} \d+/g);
  expect(await mails()).toEqual(['"accepted"} 0', '"deferred"} 0', '"rejected"} 0']);
  await mailer.send({} as Mail);
  error = new Error('deferred');
  await expect(mailer.send({} as Mail)).rejects.toBe(error);
  error = new Unprocessable('rejected');
  await expect(mailer.send({} as Mail)).rejects.toBe(error);
  expect(await mails()).toEqual(['"accepted"} 1', '"deferred"} 1', '"rejected"} 1']);
});
