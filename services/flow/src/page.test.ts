import { expect, test } from '@jest/globals';
import { pageLinks } from '@rideflow/shared/http/bar.ts';
import express from 'express';
import { browserThere, sayBrowserMissing, startBrowser } from '../../../test/support/browser.ts';
import { serve } from './fixtures.ts';
import { pageRoutes } from './page.ts';

sayBrowserMissing('The test of the bar on the flow page');
const testInBrowser = browserThere ? test : test.skip;

testInBrowser('the flow page leads to all pages, also while it has nothing to show', async () => {
  const app = express();
  const addresses = { flow: '', rides: 'http://rides.example', analytics: 'http://statistics.example' };
  pageRoutes(app, pageLinks(addresses));
  const { url, close } = await serve(app);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${url}/rides/1`);
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
    await close();
  }
});
