/** The walk of the README in a real browser: each step done as it is written there, with what Kafka holds read independently. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { browserThere, openPage, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { type ControlledSystem, startControlledSystem } from './support/controlled-system.ts';
import { eventually } from './support/eventually.ts';
import { control, doneSteps, lanesOf, markOf, stepIntoTransaction, sumOf } from './support/flow-page.ts';
import { Log } from './support/log.ts';

sayBrowserMissing('The walk of the README');

(browserThere ? describe : describe.skip)('the walk', () => {
  let it: ControlledSystem;
  let browser: Browser;
  let page: Page;
  let wrong: string[];
  let committed: Log;
  /** Also what open and aborted transactions wrote. */
  let written: Log;

  beforeAll(async () => {
    it = await startControlledSystem();
    committed = new Log(it.broker.brokers);
    written = new Log(it.broker.brokers, true);
    await Promise.all([committed.start(), written.start()]);
    browser = await startBrowser();
    ({ page, wrong } = await openPage(browser, it.system.url('flow')));
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([committed?.stop(), written?.stop()]);
    await it?.stop();
    expect(wrong).toEqual([]);
  });

  /** Books one from the page. @returns its id */
  const book = async () => {
    const before = page.url();
    await page.locator('header').getByRole('button', { name: 'Book a ride' }).click();
    await page.waitForURL((url) => url.href !== before && url.pathname.startsWith('/rides/'));
    return page.url().split('/rides/')[1] as string;
  };
  const decisionsOf = (log: Log, ride: string) =>
    log.on('ride_confirmed').filter(({ value }) => value?.id === ride);
  const pill = (name: string) => page.locator('.pill', { hasText: name }).getByRole('button').first();
  /** Asks something of a process on the map. */
  const askOf = async (name: string, what: string) => {
    await pill(name).click();
    await page.getByRole('dialog', { name }).getByRole('button', { name: what, exact: true }).click();
    await page.keyboard.press('Escape');
  };
  let ride: string;

  test('a transaction that somebody stops in stays open for minutes, and the page counts them down', async () => {
    await askOf('transaction-1', 'Step by step');
    ride = await book();
    const step = page.getByRole('button', { name: 'Step transaction-1' });
    const before = Date.now();
    await stepIntoTransaction(it.system.url('flow'), () => step.click());
    await eventually(() => expect(decisionsOf(written, ride)).toHaveLength(1));
    const note = page.locator('.hold');
    const left = async () => {
      const text = await note.getByText(/^held open by transaction-1, commits by itself in/).textContent();
      const [, minutes, seconds] = /in (\d):(\d\d)$/.exec(text ?? '') ?? [];
      return 60 * Number(minutes) + Number(seconds);
    };
    await eventually(async () => {
      const most = await left();
      const passed = (Date.now() - before) / 1000;
      expect(most).toBeLessThanOrEqual(240);
      expect(most).toBeGreaterThanOrEqual(240 - passed - 5); // the note is by the second, and the page may be late
    });
    const [decision] = decisionsOf(written, ride);
    const timeline = page.locator('.timeline > li.open', { hasText: 'decided' });
    await timeline
      .getByText('After kill -9 or Freeze it stays open until the process that takes over aborts it')
      .waitFor();
    // Longer than a transaction at work may take.
    await eventually(async () => expect(await left()).toBeLessThanOrEqual(225));
    const place = `ride_confirmed/${decision?.partition}`;
    await eventually(async () =>
      expect(await markOf(page, place, Number(decision?.offset))).toContain('open transaction'),
    );
    expect(decisionsOf(committed, ride)).toEqual([]);
  });

  test('killed there and started again, the first decision is aborted and the second counts', async () => {
    await askOf('transaction-1', 'kill -9');
    await page.locator('.pill.silent, .pill.gone', { hasText: 'killed' }).waitFor();
    await page.getByRole('button', { name: 'Start one: transaction' }).click();
    await eventually(() => expect(decisionsOf(committed, ride)).toHaveLength(1));
    await eventually(() => expect(decisionsOf(written, ride)).toHaveLength(2));
    const [first, second] = decisionsOf(written, ride).map(({ partition, offset }) => [
      `ride_confirmed/${partition}`,
      Number(offset),
    ]) as [[string, number], [string, number]];
    await eventually(async () => expect(await markOf(page, ...first)).toContain('aborted'));
    await eventually(async () => expect(await markOf(page, ...second)).toContain('committed'));
    await page.locator('.timeline > li.done', { hasText: 'mailed' }).waitFor();
    await page.getByText('none lost, none decided twice').waitFor();
  });

  /** What the page says of all mails, against the mailbox. */
  const expectMailsToAgree = (least: { repeated: number }) =>
    eventually(async () => {
      const mails = await it.mails();
      const repeated = mails.length - new Set(mails.map(({ messageId }) => messageId)).size;
      expect(repeated).toBeGreaterThanOrEqual(least.repeated);
      expect(await sumOf(page)).toMatchObject({ mailed: mails.length, repeated });
    });
  const mailsAbout = async (ride: string) =>
    (await it.mails()).filter(({ headers }) => headers['x-ride-id'] === ride).length;
  const mailedSteps = () => doneSteps(page, 'mailed');

  test('a mail that is sent again after a crash is counted and told, from the mailbox', async () => {
    await control(it.system.url('flow'), 'PUT', '/crash/email', { at: 'after-mail' });
    const ride = await book();
    await eventually(async () => expect(await mailsAbout(ride)).toBe(2));
    await expectMailsToAgree({ repeated: 1 });
    await eventually(async () => expect(await mailedSteps().count()).toBe(2));
    await page.getByText('again, under the same Message-ID').waitFor();
    await page.getByText('none lost, none decided twice').waitFor();
  });

  test('the mails of a server that takes them and breaks off are counted and told, before email can finish', async () => {
    await control(it.system.url('flow'), 'PUT', '/mail', { fault: 'breakOff' });
    const ride = await book();
    await eventually(async () => expect(await mailsAbout(ride)).toBeGreaterThanOrEqual(3));
    await expectMailsToAgree({ repeated: 3 });
    await page.getByText('did not confirm the mail').first().waitFor();
    await control(it.system.url('flow'), 'PUT', '/mail', { fault: 'none' });
    await page.getByText('then the offset was committed').waitFor();
    await expectMailsToAgree({ repeated: 3 });
    await eventually(async () => expect(await mailedSteps().count()).toBe(await mailsAbout(ride)));
  });

  /** The control of this title, unfolded. */
  const fold = async (title: string) => {
    await page.getByRole('button', { name: 'Make it fail…' }).click();
    const found = page.locator('details.fold', { hasText: title });
    if ((await found.getAttribute('open')) === null) await found.locator('summary').click();
    return found;
  };
  const of = (found: Locator, service: string) =>
    found.locator('fieldset', { has: page.locator('legend', { hasText: service }) });

  test('a weaker guarantee, chosen and broken by the words of the README, decides a ride twice', async () => {
    await of(await fold('The guarantee'), 'transaction')
      .getByRole('radio', { name: /^at least once/ })
      .click();
    await page.locator('header', { hasText: 'transaction: at least once' }).waitFor();
    await page.locator('.pill.alive', { hasText: /transaction-\d.*p0/ }).waitFor();
    const places = of(await fold('Die at a chosen place'), 'transaction');
    await places.getByRole('radio', { name: /^after-produce/ }).click();
    await places.getByRole('button', { name: 'Arm transaction', exact: true }).click();
    await page.locator('.pill', { hasText: 'dies at after-produce' }).waitFor();
    const ride = await book();
    await page.locator('.verdict', { hasText: '1 decided twice' }).waitFor();
    await eventually(() => expect(decisionsOf(committed, ride)).toHaveLength(2));
    await eventually(async () => expect(await mailsAbout(ride)).toBe(2));
    await expectMailsToAgree({ repeated: 4 });
    await page.getByRole('tab', { name: 'This ride' }).click();
    await eventually(async () => expect(await mailedSteps().count()).toBe(2));
    await of(await fold('The guarantee'), 'transaction')
      .getByRole('radio', { name: /^exactly once/ })
      .click();
    await page.locator('header', { hasText: 'transaction: exactly once' }).waitFor();
  });

  test('another process takes a share of the partitions', async () => {
    await page.locator('.pill.alive', { hasText: /transaction-\d.*p0/ }).waitFor();
    await page.getByRole('button', { name: 'Start one more: transaction' }).click();
    await eventually(async () => {
      expect(await committed.clientIds('transaction')).toHaveLength(2);
      const lanes = await lanesOf(page);
      const owners = Object.values(lanes).flatMap(({ readers }) => readers.transaction?.through ?? []);
      expect(new Set(owners).size).toBe(2);
    });
  });

  test('where two processes work step by step, or one will die, all of their names and partitions are shown', async () => {
    const { page: other } = await openPage(browser, it.system.url('flow'));
    const stepping = { delay: 0, paused: false, step: true };
    const pills = other.locator('.pill:not(.gone)', { hasText: /transaction-\d.*p\d/ });
    const expectWhole = async (shown: Locator, many: number) => {
      for (const [width, height, presented] of [
        [1280, 720, true],
        [1024, 768, false],
      ] as const) {
        await other.setViewportSize({ width, height });
        await other.evaluate(`document.documentElement.toggleAttribute('data-presenting', ${presented})`);
        await eventually(async () => {
          expect(await shown.count()).toBe(many);
          expect(await pills.count()).toBe(2);
          const cut = await pills
            .locator('button')
            .evaluateAll((all) =>
              all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent),
            );
          expect(cut).toEqual([]);
        });
      }
    };
    await control(it.system.url('flow'), 'PUT', '/pace/transaction', stepping);
    await expectWhole(other.getByRole('button', { name: /^Step transaction-/ }), 2);
    await control(it.system.url('flow'), 'PUT', '/pace/transaction', { ...stepping, step: false });
    await control(it.system.url('flow'), 'PUT', '/crash/transaction', { at: 'after-produce:1' });
    await expectWhole(other.locator('.pill', { hasText: 'dies at after-produce' }), 1);
    await control(it.system.url('flow'), 'DELETE', '/crash/transaction');
    await other.locator('.pill', { hasText: 'dies at after-produce' }).waitFor({ state: 'detached' });
    await other.close();
  });

  test('a frozen process can be killed, or resumed, from its menu on the map', async () => {
    const alive = page.locator('.pill.alive', { hasText: /transaction-\d/ }).first();
    const name = /transaction-\d+/.exec((await alive.textContent()) ?? '')?.[0] ?? '';
    await alive.getByRole('button').first().click();
    const menu = page.getByRole('dialog', { name });
    await menu.getByRole('button', { name: 'Freeze', exact: true }).click();
    await page.locator('.pill.silent', { hasText: `${name} ` }).waitFor();
    await menu.getByRole('button', { name: 'kill -9' }).waitFor();
    await menu.getByRole('button', { name: 'Resume' }).click();
    await page.locator('.pill.alive', { hasText: `${name} ` }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('on a phone, a zoomed page and a small screen, everything is there, and nothing covers another thing', async () => {
    const { page: small, wrong } = await openPage(browser, it.system.url('flow'));
    const ride = await book();
    await eventually(() => expect(decisionsOf(committed, ride)).toHaveLength(1));
    const boxOf = async (what: Locator) => (await what.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    for (const [width, height] of [
      [390, 844],
      [853, 480], // 1280 × 720 at 150 %
      [1024, 768],
    ] as const) {
      await small.setViewportSize({ width, height });
      await small.goto(`${it.system.url('flow')}/rides/${ride}`);
      await small.locator('.timeline > li').first().waitFor();
      expect(await small.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const station = small.locator('.station', { has: small.getByRole('heading', { name: 'transaction' }) });
      await station.getByRole('button', { name: 'Start one more: transaction' }).waitFor();
      const name = await boxOf(station.getByRole('heading'));
      const pills = await boxOf(station.locator('.pills'));
      expect(pills.x).toBeGreaterThanOrEqual(name.x + Math.min(name.width, 75));
      if (width > 860) continue;
      await small.locator('header', { hasText: 'transaction: exactly once' }).waitFor();
      // The path is below what is in sight: a line says so, and leads there.
      await small.evaluate('scrollTo(0, 0)');
      const hint = small.getByRole('button', { name: /^ride \S+ confirmed.* see its path/ });
      expect((await boxOf(hint)).y).toBeLessThan(height / 2);
      await hint.click();
      await eventually(async () =>
        expect((await boxOf(small.locator('.timeline'))).y).toBeLessThan(height / 2),
      );
      // At the end of the page, the sum stands below the last thing.
      await eventually(async () => {
        await small.evaluate('scrollTo(0, document.body.scrollHeight)');
        const sum = await boxOf(small.getByRole('region', { name: 'What became of all rides' }));
        const [last, open] = [await boxOf(small.locator('.charts')), await boxOf(small.locator('.details'))];
        for (const other of [last, open])
          expect(other.y + other.height <= sum.y || sum.y + sum.height <= other.y).toBe(true);
      });
    }
    await small.close();
    expect(wrong).toEqual([]);
  });

  test('poison that is sent by the words of the README falls into the bin, and the tab has it', async () => {
    await (await fold('Send a poison message')).getByRole('button', { name: 'Send it' }).click();
    await page.locator('.bin .letter').waitFor();
    await page.getByRole('tab', { name: 'Dead letters 1' }).click();
    await page.locator('.letters li').waitFor();
    await eventually(() => expect(committed.on('ride_details.transaction.dlq')).toHaveLength(1));
    await eventually(async () => expect(await sumOf(page)).toMatchObject({ 'dead-lettered': 1 }));
  });

  test('the page says of a restart that was asked for that it was, and keeps the guarantee in view', async () => {
    const said = await keepWhatIsSaid(page);
    await control(it.system.url('flow'), 'PUT', '/guarantee/transaction', { guarantee: 'at-least-once' });
    await page.locator('header', { hasText: 'transaction: at least once' }).waitFor();
    await page
      .locator('.pill.alive', { hasText: /transaction-\d/ })
      .first()
      .waitFor();
    const all = async () => (await said()).join('\n');
    // An event line may be followed by the next one at once.
    await eventually(async () => expect(await all()).toMatch(/transaction-\d+ stopped \d+ s ago/));
    expect(await all()).not.toMatch(/is gone|does not answer/);
    for (const header of (await said()).filter((one) => one.startsWith('header ')))
      expect(header).toMatch(/transaction: (exactly once|at least once)/);
  });

  test('a reset is said to be one, and is no lost connection', async () => {
    const said = await keepWhatIsSaid(page);
    await control(it.system.url('flow'), 'POST', '/reset');
    await page.getByText('A reset is under way').waitFor();
    await page.getByText('Kafka, 1 broker').waitFor();
    await eventually(async () =>
      expect(await sumOf(page)).toMatchObject({ accepted: 0, mailed: 0, repeated: 0 }),
    );
    const all = (await said()).join('\n');
    expect(all).not.toMatch(/connection lost|has not answered|Kafka is away|is gone/);
  });
});

/** Keeps every text that the header and the map show from now on. */
async function keepWhatIsSaid(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`(() => {
    const said = (window.said = new Set());
    const look = () => {
      for (const part of ['header', '.away', '.map'])
        said.add(part + ' ' + (document.querySelector(part)?.textContent ?? ''));
    };
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  })()`);
  return () => page.evaluate('[...window.said]');
}
