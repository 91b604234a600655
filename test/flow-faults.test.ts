/** Things made to fail, as the flow page shows them: what each guarantee is worth, dead letters, a broker that is away, a crowd. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { browserThere, openPage, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { doneSteps, markOf, sumOf } from './support/flow-page.ts';
import { startTestSystem, type TestSystem } from './support/system.ts';

sayBrowserMissing('The tests of the flow page under faults');

(browserThere ? describe : describe.skip)('the flow page, when things fail', () => {
  let it: TestSystem;
  let browser: Browser;
  let page: Page;
  let wrong: string[];

  beforeAll(async () => {
    it = await startTestSystem(undefined, { flow: true });
    browser = await startBrowser();
    ({ page, wrong } = await openPage(browser, it.system.url('flow')));
  });
  afterAll(async () => {
    await browser?.close();
    await it?.stop();
    expect(wrong).toEqual([]);
  });

  const ride = (n: number) => ({ customer_id: `user_${n}`, location: { lat: 12.97, long: 77.59 } });
  const expectSum = (sum: object) => eventually(async () => expect(await sumOf(page)).toMatchObject(sum));
  /** The log of this test reads for itself, perhaps later than the page. */
  const expectDecisions = (id: string, count: number) =>
    eventually(() =>
      expect(it.log.on('ride_confirmed').filter(({ value }) => value?.id === id)).toHaveLength(count),
    );
  /** transaction with a guarantee, which dies at a place, and comes again without that. */
  const dieAt = async (GUARANTEE: string, CRASH_AT: string, booked?: (id: string) => unknown) => {
    await it.system.end('transaction', 'SIGTERM');
    it.system.choose('transaction', { GUARANTEE });
    const dying = it.system.run('transaction', undefined, { CRASH_AT });
    await it.system.ready('transaction');
    const { id } = await it.book(ride(1));
    await eventually(() => expect(dying.running).toBe(false));
    await booked?.(id);
    it.system.run('transaction');
    await it.system.ready('transaction');
    return id;
  };
  /** The sum as it is now, with nothing in flight. */
  const settled = () =>
    eventually(async () => {
      const sum = await sumOf(page);
      expect(sum['in flight']).toBe(0);
      return sum as Record<'accepted' | 'confirmed', number>;
    });

  test('exactly once: a process killed inside its transaction leaves an aborted message, and the ride is decided once', async () => {
    const id = await dieAt('exactly-once', 'after-produce');
    await page.goto(`${it.system.url('flow')}/rides/${id}`);
    await page.locator('.timeline > li', { hasText: 'aborted' }).first().waitFor();
    await page.locator('.timeline > li.done', { hasText: 'mailed' }).waitFor();
    await expectSum({ accepted: 1, confirmed: 1, 'in flight': 0 });
    await page.getByText('none lost, none decided twice').waitFor();
    await expectDecisions(id, 1);
  });

  test('at least once: a process killed between the decision and its place decides twice, and the page lists the ride', async () => {
    const steps = (name: string) => doneSteps(page, name);
    const id = await dieAt('at-least-once', 'after-produce', async (booked) => {
      await page.goto(`${it.system.url('flow')}/rides/${booked}`);
      for (const name of ['decided', 'mailed', 'counted']) await steps(name).waitFor();
    });
    await page.getByText('1 decided twice').waitFor();
    // The ride that is shown goes on, although all of it was done.
    for (const name of ['decided', 'mailed', 'counted'])
      await eventually(async () => expect(await steps(name).count()).toBe(2));
    // The offset of analytics is committed, and then asked for, after its feed has told.
    await expectSum({ accepted: 2, confirmed: 2, counted: 3, 'in flight': 0 });
    expect((await it.stats()).overall.rides).toBe(3); // the statistics count decisions, and the page says so
    await page.locator('.equation', { hasText: 'counted 3 (each decision)' }).waitFor();
    await expectDecisions(id, 2);
    await page.locator('.violations').getByRole('button').first().click();
    await page.waitForURL(`**/rides/${id}`);
  });

  test('at most once: a process killed after its place is committed loses the ride, and the page lists it', async () => {
    let place: [lane: string, offset: number] = ['', -1];
    const id = await dieAt('at-most-once', 'after-commit', async (booked) => {
      await page.goto(`${it.system.url('flow')}/rides/${booked}`);
      // Nothing is certain yet, and nothing is said to be.
      await page.locator('.summary', { hasText: 'skipped without a decision: perhaps lost' }).waitFor();
      const request = await eventually(() => {
        const found = it.log.on('ride_details').find(({ value }) => value?.id === booked);
        if (!found) throw new Error('the log of this test has not read the request yet');
        return found;
      });
      place = [`ride_details/${request.partition}`, Number(request.offset)];
      await eventually(async () =>
        expect(await markOf(page, ...place)).toContain('offset is committed while no decision is written'),
      );
      expect((await sumOf(page)).lost).toBeUndefined();
    });
    await page.getByText('1 lost').first().waitFor();
    await page.locator('.summary', { hasText: 'lost: nobody will decide it' }).waitFor();
    await eventually(async () => expect(await markOf(page, ...place)).toContain('a lost request'));
    await expectSum({ accepted: 3, confirmed: 2, lost: 1, 'in flight': 0 });
    expect(it.log.on('ride_confirmed').filter(({ value }) => value?.id === id)).toEqual([]);
    await it.system.end('transaction', 'SIGTERM');
    it.system.choose('transaction', {});
    it.system.run('transaction');
    await it.system.ready('transaction');
  });

  test('a poison message becomes a dead letter; mended and replayed from the page, it is decided', async () => {
    const { accepted, confirmed } = await settled();
    await it.log.write('ride_details', {
      key: 'user_9',
      value: JSON.stringify({ id: 'poisoned', customer_id: 'user_9', location: { lat: 1000, long: 2 } }),
    });
    await expectSum({ accepted: accepted + 1, 'dead-lettered': 1, 'in flight': 0 });
    await eventually(async () => expect(await page.locator('.bin').textContent()).not.toContain('none'));
    await page.getByRole('tab', { name: /Dead letters/ }).click();
    await page
      .getByText(/location\.lat/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    const value = page.locator('.letters textarea');
    await value.fill((await value.inputValue()).replace('1000', '10'));
    await page.getByRole('button', { name: 'Replay the edited message' }).click();
    await expectSum({
      accepted: accepted + 1,
      confirmed: confirmed + 1,
      'dead-lettered': 0,
      'in flight': 0,
    });
    await expectDecisions('poisoned', 1);
    await page.locator('.bin', { hasText: 'none left: each one was replayed or dropped' }).waitFor();
  });

  test('while the broker is away the page says so, and afterwards it has missed nothing', async () => {
    const { accepted } = await settled();
    await it.broker.kill(0);
    await page.getByText('Kafka is away').waitFor();
    await it.broker.restart(0);
    await page.getByText('Kafka, 1 broker').waitFor();
    const { id } = await eventually(() => it.book(ride(2)));
    await eventually(() => expect(it.mailbox.about(id)).toHaveLength(1));
    // A request that failed meanwhile may be on Kafka all the same.
    await eventually(async () => {
      const all = new Set(it.log.on('ride_details').map(({ value }) => value?.id)).size;
      expect(all).toBeGreaterThan(accepted);
      expect(await sumOf(page)).toMatchObject({ accepted: all, 'in flight': 0 });
    });
  });

  // test/flow-memory.test.ts has the hours' worth, without the services.
  test("ten minutes' worth of rides in seconds: the sum stays exact and the tab small", async () => {
    const { accepted } = await settled();
    const rides = 6000; // ten a second, for ten minutes
    const heap = () => page.evaluate(() => (performance as unknown as Memory).memory.usedJSHeapSize);
    let highest = 0;
    for (let written = 0; written < rides; written += 1000) {
      const messages = Array.from({ length: 1000 }, (_, n) => ({
        key: `user_${n % 97}`,
        value: JSON.stringify({ id: `crowd-${written + n}`, ...ride(n % 97) }),
      }));
      await it.log.write('ride_details', ...messages);
      highest = Math.max(highest, await heap());
    }
    await eventually(async () => {
      highest = Math.max(highest, await heap());
      expect(await sumOf(page)).toMatchObject({ accepted: accepted + rides, 'in flight': 0 });
    }, 240_000);
    expect(highest).toBeLessThan(200 * 1024 * 1024);
    const decided = () =>
      it.log.on('ride_confirmed').filter(({ value }) => String(value?.id).startsWith('crowd-'));
    await eventually(() => expect(new Set(decided().map(({ value }) => value?.id)).size).toBe(rides));
  }, 360_000);
});

interface Memory {
  memory: { usedJSHeapSize: number };
}
