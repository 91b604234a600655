/** A class on one network: in a real browser, what students see, and that they change nothing. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { freePorts } from '../infra/broker/ports.ts';
import type { System } from '../infra/system/system.ts';
import { useBroker } from './support/broker.ts';
import { browserThere, openPage, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { createSystem } from './support/create-system.ts';
import { eventually } from './support/eventually.ts';
import { control } from './support/flow-page.ts';

sayBrowserMissing('The tests of the page for students');
const inBrowser = browserThere ? test : test.skip;
const it = useBroker();
let system: System;
let students: string;
let browser: Browser;

beforeAll(async () => {
  const [share = 0] = await freePorts(1);
  students = `http://127.0.0.1:${share}`;
  system = await createSystem(it.brokers, { teaching: true, extra: { flow: { SHARE: students } } });
  await system.start(['rides', 'transaction', 'flow']);
  if (browserThere) browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

inBrowser(
  'the teacher shows the address with its code; a student follows a ride there, and finds nothing to change',
  async () => {
    await control(system.url('flow'), 'POST', '/book', { customer_id: 'user_1' });
    const teacher = await openPage(browser, system.url('flow'));
    await teacher.page.getByRole('button', { name: 'Share' }).click();
    const dialog = teacher.page.getByRole('dialog', { name: 'Share' });
    await dialog.getByRole('img', { name: `QR code of ${students}` }).waitFor();
    expect(await dialog.getByRole('link').getAttribute('href')).toBe(students);

    const { page, wrong } = await openPage(browser, students);
    const lane = page.getByRole('slider', { name: /ride_confirmed, partition \d, end offset 2/ });
    await lane.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page
      .getByText(/ride \S+.*confirmed|ride \S+.*rejected/)
      .first()
      .waitFor();
    expect(await page.getByText('This page only watches.').isVisible()).toBe(true);
    const buttons = await page.getByRole('button').allTextContents();
    expect(
      buttons.filter((text) => /book|fail|start|kill|stop|step|pause|reset|replay|lesson/i.test(text)),
    ).toEqual([]);
    const links = await page
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toEqual([]);
    await page.getByRole('button', { name: /^transaction-1/ }).click();
    await page.getByRole('dialog', { name: 'transaction-1' }).getByText('This page only watches.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Run your own' }).click();
    await page.getByText('npm start', { exact: true }).waitFor();
    expect([...wrong, ...teacher.wrong]).toEqual([]);
    await Promise.all([page.close(), teacher.page.close()]);
  },
);

inBrowser(
  'the log leads to the ride of a dead letter, is a file, and a link shows that moment again',
  async () => {
    const { page, wrong } = await openPage(browser, system.url('flow'));
    await page.getByRole('tab', { name: 'Log' }).click();
    await control(system.url('flow'), 'POST', '/poison', { kind: 'wrong-field', topic: 'ride_details' });
    const line = page.locator('.news li', { hasText: 'is a dead letter' }).first();
    await line.waitFor();
    expect(await line.textContent()).toContain('transaction');

    const json = page.waitForEvent('download');
    await page.getByRole('button', { name: 'JSON' }).click();
    const entries = JSON.parse(await readFile(await (await json).path(), 'utf8'));
    expect(entries).toContainEqual(
      expect.objectContaining({
        about: 'transaction',
        message: expect.stringMatching(/\.dlq\/\d\/0$/),
      }),
    );
    const csv = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    expect(await readFile(await (await csv).path(), 'utf8')).toMatch(
      /^time,about,tone,text,ride,message\r\n/,
    );

    await page.getByRole('button', { name: 'Share' }).click();
    const picture = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the picture (PNG)' }).click();
    const bytes = await readFile(await (await picture).path());
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(1500); // twice as wide as the map
    const link = page.getByLabel('Link to this moment');
    await eventually(async () => expect(await link.inputValue()).not.toBe(''));
    const address = await link.inputValue();
    expect(address).toMatch(new RegExp(`^${students}/\\?tab=log&at=20`));
    await page.keyboard.press('Escape');
    await line.getByRole('button').click();
    await page.locator('.timeline b', { hasText: 'dead letter' }).first().waitFor();

    const again = await openPage(browser, address);
    await again.page.getByText(/This link was made at \d\d:\d\d:\d\d/).waitFor();
    expect(await again.page.locator('.news [aria-current]').textContent()).toContain('is a dead letter');
    // A teacher's link can name a tab that students do not have.
    const without = await openPage(browser, address.replace('tab=log', 'tab=dead+letters'));
    await without.page.getByRole('tab', { name: 'This ride', selected: true }).waitFor();
    expect([...wrong, ...again.wrong, ...without.wrong]).toEqual([]);
    await Promise.all([page.close(), again.page.close(), without.page.close()]);
  },
);
