/** A class on one network: in a real browser, what students see, and that they change nothing. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { freePorts } from '../infra/broker/ports.ts';
import { System } from '../infra/system/system.ts';
import { useBroker } from './support/broker.ts';
import { browserThere, openPage, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { control } from './support/flow-page.ts';

sayBrowserMissing('The tests of the page for students');
const inBrowser = browserThere ? test : test.skip;
const it = useBroker();
let system: System;
let students: string;
let browser: Browser;

beforeAll(async () => {
  const [rides = 0, transaction = 0, flow = 0, share = 0] = await freePorts(4);
  students = `http://127.0.0.1:${share}`;
  system = new System({
    brokers: it.brokers,
    ports: { rides, transaction, email: 0, analytics: 0, flow, mailbox: 0, smtp: 0 },
    teaching: true,
    database: '',
    replicationFactor: 1,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn' },
    extra: { flow: { SHARE: students } },
    onLine: () => {},
    onEvent: () => {},
  });
  await system.start(['rides', 'transaction', 'flow']);
  if (browserThere) browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
}, 30_000);

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
      buttons.filter((text) => /book|fail|start|kill|stop|step|pause|reset|replay|share|lesson/i.test(text)),
    ).toEqual([]);
    const links = await page
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toEqual([]);
    await page.getByRole('button', { name: /^transaction-1/ }).click();
    await page.getByRole('dialog', { name: 'transaction-1' }).getByText('This page only watches.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Run your own' }).click();
    await page.getByText('npm start').waitFor();
    expect([...wrong, ...teacher.wrong]).toEqual([]);
    await Promise.all([page.close(), teacher.page.close()]);
  },
  120_000,
);
