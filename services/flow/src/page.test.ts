import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { pageLinks } from '@rideflow/shared/http/bar.ts';
import express from 'express';
import { browserThere, sayBrowserMissing, startBrowser } from '../../../test/support/browser.ts';
import { pageRoutes } from './page.ts';

sayBrowserMissing('The test of the bar on the flow page');
const testInBrowser = browserThere ? test : test.skip;

testInBrowser('the flow page leads to all pages, also while it has nothing to show', async () => {
  const app = express();
  const addresses = { flow: '', rides: 'http://rides.example', analytics: 'http://statistics.example' };
  pageRoutes(app, pageLinks(addresses));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/rides/1`);
    const bar = page.getByRole('navigation', { name: 'Pages of rideflow' });
    const links = await bar
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toEqual([
      '/',
      'http://rides.example/',
      'http://statistics.example/',
      '/mailbox',
      'http://rides.example/docs',
    ]);
    expect(await bar.locator('[aria-current]').textContent()).toBe('Flow');
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
});
