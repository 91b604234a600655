import { expect, test } from '@jest/globals';
import { listen } from './fixtures.ts';
import { KeptPace } from './kept-pace.ts';

test('slow motion of a service holds for its next process, until full speed is asked for', async () => {
  const { url, asked, close } = await listen();
  const kept = new KeptPace({ debug: () => {} });
  try {
    kept.keep('email', 500);
    await kept.restore('transaction', { name: 'transaction-1', url });
    await kept.restore('email', { name: 'email-2', url });
    kept.keep('email', 0);
    await kept.restore('email', { name: 'email-3', url });
    expect(asked).toEqual(['PUT /admin/pace {"delay":500}']);
  } finally {
    await close();
  }
});
