/** Every lesson of the flow page, given in a real browser as a teacher gives it, on one whole system. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { browserThere, openPage, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { type ControlledSystem, startControlledSystem } from './support/controlled-system.ts';
import { lessons } from './support/lessons.ts';

sayBrowserMissing('The lessons');

/** Of one wait for what the page shows, in milliseconds. */
const patience = 90_000;

(browserThere ? describe : describe.skip)('the lessons', () => {
  let it: ControlledSystem;
  let browser: Browser;
  let page: Page;
  let wrong: string[];

  beforeAll(async () => {
    it = await startControlledSystem();
    browser = await startBrowser();
    ({ page, wrong } = await openPage(browser, it.system.url('flow')));
    page.setDefaultTimeout(patience);
    await page.locator('header').getByRole('button', { name: 'Lessons' }).click();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await it?.stop();
    expect(wrong).toEqual([]);
  }, 60_000);

  const card = () => page.getByRole('region', { name: 'Lesson', exact: true });
  const next = () => card().locator('button.go[aria-disabled="false"]');

  /** Goes through a lesson that is at its question. */
  async function give({ choices, answer, acts, explanation, code }: (typeof lessons)[number]['lesson']) {
    await card()
      .getByLabel(choices[answer] as string)
      .check();
    for (const { shows } of acts) {
      await next().click();
      await Promise.race([
        card().getByText(shows).waitFor(),
        card()
          .locator('.notice.bad')
          .waitFor()
          .then(async () => {
            throw new Error((await card().locator('.notice.bad').textContent()) ?? '');
          }),
      ]);
    }
    await next().click();
    await card().getByText('✓ As you expected').waitFor();
    for (const sentence of explanation) await card().getByText(sentence).waitFor();
    await card().getByText(code.path).waitFor();
  }

  for (const [n, { file, lesson }] of lessons.entries())
    test(`${file} can be given to its end`, async () => {
      expect(await card().getByLabel('Jump to a lesson').inputValue()).toBe(String(n));
      await card().getByText(lesson.question).waitFor();
      await give(lesson);
      if (n + 1 < lessons.length) await next().click();
    }, 120_000);

  test('who leaves finds everything as it was', async () => {
    await card().getByRole('button', { name: 'Leave' }).click();
    await card().waitFor({ state: 'detached' });
  }, 60_000);
});
