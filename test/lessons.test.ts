/** Every lesson of the flow page, given in a real browser as a teacher gives it, on one whole system. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Controls, View } from '../services/flow/src/protocol.ts';
import { seriousOn } from './support/axe.ts';
import { browserThere, openPage, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { type ControlledSystem, startControlledSystem } from './support/controlled-system.ts';
import { eventually } from './support/eventually.ts';
import { control, stepIntoTransaction, stepsOf, sumOf } from './support/flow-page.ts';
import { lessons } from './support/lessons.ts';

sayBrowserMissing('The lessons');

(browserThere ? describe : describe.skip)('the lessons', () => {
  let it: ControlledSystem;
  let browser: Browser;
  let page: Page;
  let wrong: string[];

  beforeAll(async () => {
    it = await startControlledSystem();
    browser = await startBrowser();
    ({ page, wrong } = await openPage(browser, it.system.url('flow')));
    await open();
  });
  afterAll(async () => {
    await browser?.close();
    await it?.stop();
    expect(wrong).toEqual([]);
  });

  const card = () => page.getByRole('region', { name: 'Lesson', exact: true });
  const next = () => card().locator('button.go[aria-disabled="false"]');
  const open = (on = page) => on.locator('header').getByRole('button', { name: 'Lessons' }).click();
  const leave = async () => {
    await card().getByRole('button', { name: 'Leave' }).click();
    await card().waitFor({ state: 'detached' });
  };

  /** Goes through a lesson that is at its question. */
  async function give({ choices, answer, acts, explanation, code }: (typeof lessons)[number]['lesson']) {
    await card()
      .getByRole('radio', { name: choices[answer] as string, exact: true })
      .check();
    for (const { shows, quotes } of acts) {
      await next().click();
      const [shown, notice] = [card().getByText(shows), card().locator('.notice.bad')];
      await shown.or(notice).first().waitFor();
      if (!(await shown.isVisible())) throw new Error((await notice.first().textContent()) ?? '');
      if (quotes)
        await card()
          .getByText(/^503: rides: /)
          .waitFor();
    }
    await next().click();
    await card().getByText('✓ As you expected').waitFor();
    for (const sentence of explanation) await card().getByText(sentence).waitFor();
    await card().getByText(code.path).waitFor();
  }

  for (const [n, { file, lesson }] of lessons.entries())
    test(`${file} can be given to its end`, async () => {
      // The last one has led here; where it failed, the list does.
      const jump = card().getByLabel('Jump to a lesson');
      if ((await jump.inputValue()) !== String(n)) await jump.selectOption(String(n));
      try {
        await card().getByText(lesson.question).waitFor();
        await give(lesson);
      } catch (error) {
        const shown = await page.locator('.lesson, .map, .equation').allTextContents();
        throw new Error([(error as Error).message, ...shown, ...it.lines.slice(-20)].join('\n'));
      }
      if (n + 1 < lessons.length) await next().click();
    });

  /** What a lesson may have changed, as the flow process tells it. */
  const standing = async (on = page) => {
    const { stream, mailFault } = await on.evaluate(
      async () => (await (await fetch('/api/controls')).json()) as Controls,
    );
    const { broker, processes } = await viewOf(on);
    const living = processes.filter(({ state }) => state === 'alive' || state === 'paused');
    return {
      stream,
      mailFault,
      kafka: broker.up,
      processes: living
        .map(({ service, guarantee, pace, crashPoint }) => ({ service, guarantee, pace, crashPoint }))
        .sort((a, b) => a.service.localeCompare(b.service)),
      frozen: processes.filter(({ ended, state }) => ended === 'frozen' && state === 'silent').length,
    };
  };
  /** Up to where the process of transaction is frozen. */
  const freeze = async () => {
    const n = lessons.findIndex(({ file }) => file === '07-zombie.ts');
    // The first lesson is ready: what follows may change everything without a question.
    await card()
      .getByText(lessons[0]?.lesson.question as string)
      .waitFor();
    await card().getByLabel('Jump to a lesson').selectOption(String(n));
    for (let presses = 0; presses < 3; presses++) await next().click();
    await next().waitFor();
    await eventually(async () => expect(await standing()).toMatchObject({ frozen: 1 }));
  };

  test('who leaves in the middle, reloads the page or goes elsewhere, finds everything as it was', async () => {
    await leave();
    const before = await eventually(async () => {
      const now = await standing();
      expect(now).toMatchObject({ stream: null, mailFault: 'none', kafka: true, frozen: 0 });
      expect(now.processes).toHaveLength(4);
      return now;
    });

    await open();
    await freeze();
    await leave();
    await eventually(async () => expect(await standing()).toEqual(before));

    await open();
    await freeze();
    await page.reload();
    await eventually(async () => expect(await standing()).toEqual(before));
    await card().waitFor({ state: 'detached' });

    await open();
    await freeze();
    const { page: other } = await openPage(browser, it.system.url('flow'));
    await page.goto('about:blank');
    await eventually(async () => expect(await standing(other)).toEqual(before));
    await other.close();
    await page.goto(it.system.url('flow'));
    // It puts back what is not back yet, whatever somebody changes meanwhile.
    await eventually(async () => expect(await page.evaluate('sessionStorage.length')).toBe(0));
    await card().waitFor({ state: 'detached' });
  });

  test('opening the lessons changes nothing: what a lesson changes is said first, and Next does it', async () => {
    if (await card().isVisible()) await leave();
    const transactions = async () =>
      (await standing()).processes.filter(
        ({ service, guarantee }) => service === 'transaction' && guarantee !== null, // it has told its own state
      ).length;
    await control(it.system.url('flow'), 'POST', '/processes/transaction');
    await eventually(async () => expect(await transactions()).toBe(2));
    const before = await standing();

    await open();
    await card()
      .getByText(/^stop transaction-\d+$/)
      .waitFor();
    expect(await standing()).toEqual(before);
    await leave();
    await eventually(async () => expect(await standing()).toEqual(before));

    await open();
    await card().getByRole('button', { name: 'Next: make these changes' }).click();
    await card()
      .getByText(lessons[0]?.lesson.question as string)
      .waitFor();
    await eventually(async () => expect(await transactions()).toBe(1));
    await leave();
    await eventually(async () => expect(await transactions()).toBe(2));

    const { processes } = await viewOf(page);
    const last = processes.filter((p) => p.service === 'transaction' && p.state === 'alive').at(-1);
    const path = `/processes/${encodeURIComponent(last?.id ?? '')}?how=stop`;
    await control(it.system.url('flow'), 'DELETE', path);
    await eventually(async () => expect(await transactions()).toBe(1));
  });

  test('a lesson whose transaction has ended meanwhile says so, and begins again', async () => {
    const n = lessons.findIndex(({ file }) => file === '06-exactly-once.ts');
    const question = () => card().getByText(lessons[n]?.lesson.question as string);
    await open();
    await card()
      .getByText(lessons[0]?.lesson.question as string)
      .waitFor();
    await card().getByLabel('Jump to a lesson').selectOption(String(n));
    await question().waitFor();
    for (let presses = 0; presses < 2; presses++) await next().click();
    await next().waitFor();
    await control(it.system.url('flow'), 'POST', '/step/transaction');
    await eventually(async () => expect((await stepsOf(page)).join()).toMatch(/\bdone committed\b/));
    await next().click();
    await card().getByText('The transaction is not open any more').waitFor();
    await card().getByRole('button', { name: 'Repeat' }).click();
    await question().waitFor();
    await leave();
  });

  test('a lesson whose means are not here says so, and is passed over', async () => {
    const { page: other } = await openPage(browser, it.system.url('flow'));
    await other.route('**/api/controls', async (route) => {
      const controls = (await (await route.fetch()).json()) as Controls;
      await route.fulfill({ json: { ...controls, processes: 'compose', broker: false, mailFault: null } });
    });
    await open(other);
    const there = other.getByRole('region', { name: 'Lesson', exact: true });
    const go = there.locator('button.go[aria-disabled="false"]');
    await go.waitFor();
    const offered = await there.locator('option:enabled').allTextContents();
    expect(offered).toHaveLength(lessons.filter(({ lesson }) => !lesson.needs).length);
    // The list does not offer the third lesson; “Next lesson” leads to it.
    await other.evaluate(`(() => {
      const select = document.querySelector('.lesson select');
      select.value = '2';
      select.dispatchEvent(new Event('change', { bubbles: true }));
    })()`);
    await there.getByText('This lesson starts and ends processes.').waitFor();
    await go.click();
    await there.getByText('This lesson starts and ends processes.').waitFor();
    expect(await there.locator('select').inputValue()).toBe('3');
    await there.getByRole('button', { name: 'Leave' }).click();
    await there.waitFor({ state: 'detached' });
    await other.unrouteAll({ behavior: 'wait' });
    await other.close();
  });

  test('a class is shown the page by keys, and the presenter has notes in a second window', async () => {
    await open();
    await card().getByLabel('Jump to a lesson').selectOption('0');
    await card()
      .getByText(lessons[0]?.lesson.question as string)
      .waitFor();
    const opening = page.context().waitForEvent('page');
    await card().getByRole('button', { name: 'Notes' }).click();
    const notes = await opening;
    await card().getByRole('button', { name: 'Present' }).click();
    const size = () => page.evaluate<number>('Number.parseFloat(getComputedStyle(document.body).fontSize)');
    await eventually(async () => expect(await size()).toBeGreaterThanOrEqual(18));
    // The focus is on a button: keys mean the same there.
    const press = (key: string) => page.keyboard.press(key);

    await press('?');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    await keys.getByText('book a ride').waitFor();
    expect(await seriousOn(page)).toEqual([]);
    await press('b'); // closes the list, and books nothing
    await keys.waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/');

    await press('ArrowRight');
    const first = lessons[0]?.lesson;
    await card()
      .getByText(first?.acts[0]?.shows ?? '')
      .waitFor();
    await notes.getByText(first?.notes.misunderstanding ?? '').waitFor();
    expect([...(await seriousOn(notes)), ...(await seriousOn(page))]).toEqual([]);
    await notes.locator('.go[aria-disabled="false"]').click();
    await card()
      .getByText(first?.explanation[2] ?? '')
      .waitFor();
    await press('ArrowLeft');
    await card()
      .getByText(first?.acts[0]?.shows ?? '')
      .waitFor();
    await notes.close();

    await press('s');
    const before = page.url();
    await page.getByRole('button', { name: 'Step transaction-' }).waitFor();
    await press('b');
    await page.waitForURL((url) => url.href !== before);
    await stepIntoTransaction(it.system.url('flow'), () => press('s'));
    await page.locator('.timeline > li.open', { hasText: 'decided' }).waitFor();
    await press('k');
    await page.locator('.pill', { hasText: 'killed' }).waitFor();
    await page.getByRole('button', { name: 'Start one: transaction' }).click();
    await page.locator('.timeline > li', { hasText: 'aborted' }).first().waitFor();
    const pill = page.locator('.pill.alive', { hasText: 'transaction-' });
    await pill.waitFor();
    await press('p');
    await page.locator('.pill.paused', { hasText: 'transaction-' }).waitFor();
    await press('p');
    await pill.waitFor();

    await press('f');
    await page.getByRole('tablist').waitFor({ state: 'hidden' });
    await press('f');
    await page.getByRole('tablist').waitFor();
    await press('r');
    await page.getByText('deletes all data').waitFor();
    await press('r');
    await page.getByText('deletes all data').waitFor({ state: 'detached' });
    // The lesson is not left without a word: it begins again, on empty topics.
    await press('r');
    await page.getByText(`The lesson “${first?.title}” begins again afterwards.`).waitFor();
    await press('d');
    await card()
      .getByText(first?.question ?? '')
      .waitFor();
    await eventually(async () => expect(await sumOf(page)).toMatchObject({ accepted: 0 }));
    await next().waitFor();
    await press('Escape');
    await eventually(async () => expect(await size()).toBe(13));
    await leave();
  });
});

/** What the flow process tells a page that opens now. */
const viewOf = (page: Page): Promise<View> =>
  page.evaluate(async () => {
    const events = new EventSource('/events');
    const view = await new Promise<View>((resolve) =>
      events.addEventListener('snapshot', (event) => resolve(JSON.parse((event as MessageEvent).data))),
    );
    events.close();
    return view;
  });
