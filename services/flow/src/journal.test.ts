import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import express, { type Response } from 'express';
import { eventually } from '../../../test/support/eventually.ts';
import { testService } from '../../../test/support/service.ts';
import { serve } from './fixtures.ts';
import { Journal } from './journal.ts';
import { Observer } from './observe/observer.ts';

test('a page that takes nothing is dropped, and until then little is kept for it', async () => {
  const observer = new Observer(testService('flow', ['localhost:1']), {
    history: 1,
    recent: 100,
    mailbox: 'http://localhost:1',
  });
  const journal = new Journal(observer, { alive: 20, behind: 500 });
  const responses: Response[] = [];
  const app = express().get('/events', (request, response) => {
    responses.push(response);
    journal.serve(request, response, 'student');
  });
  const { url, close } = await serve(app);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.pause().write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const text = 'x'.repeat(200_000);
    let most = 0;
    await eventually(() => {
      observer.tell('kafka', 'ok', text);
      most = Math.max(most, responses[0]?.writableLength ?? 0);
      expect(responses[0]?.destroyed).toBe(true);
    });
    // The view that it got at first, and the frame with which it fell behind.
    expect(most).toBeLessThan(30 * text.length);
    await eventually(() => expect(journal.students).toBe(0));
  } finally {
    socket.destroy();
    journal.stop();
    await close();
  }
});
