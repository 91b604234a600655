/** Time on the flow page, in a real browser: what it says of the past, against what Kafka said then. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { OlderMarks } from '../services/flow/src/protocol.ts';
import { browserThere, openPage, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import {
  controlsOf,
  goBackTo,
  goTo,
  lanesOf,
  markOf,
  stepIntoTransaction,
  stepsOf,
  sumOf,
} from './support/flow-page.ts';
import { Groups, together } from './support/groups.ts';
import { Log } from './support/log.ts';
import { startTestSystem, type TestSystem } from './support/system.ts';

sayBrowserMissing('The tests of the time on the flow page');

(browserThere ? describe : describe.skip)('the time of the flow page', () => {
  let it: TestSystem;
  let browser: Browser;
  let page: Page;
  let wrong: string[];
  let groups: Groups;
  /** What is written, be its transaction open or aborted. */
  let uncommitted: Log;

  beforeAll(async () => {
    it = await startTestSystem({ flow: { RECENT: '200' } }, { flow: true });
    groups = new Groups(it.broker.brokers);
    uncommitted = new Log(it.broker.brokers, true);
    await uncommitted.start();
    browser = await startBrowser();
    ({ page, wrong } = await openPage(browser, it.system.url('flow')));
  });
  afterAll(async () => {
    await browser?.close();
    await uncommitted?.stop();
    await groups?.stop();
    await it?.stop();
    expect(wrong).toEqual([]);
  });

  const { control, pace } = controlsOf(() => it.system.url('flow'));
  const book = (customer_id: string) => it.book({ customer_id, location: { lat: 12.97, long: 77.59 } });
  const readers = [
    ['transaction', 'ride_details'],
    ['email', 'ride_confirmed'],
    ['analytics', 'ride_confirmed'],
  ] as const;
  /** What Kafka says of each group: in which state the lanes of the page have to be. */
  const askKafka = () =>
    Promise.all(
      readers.map(async ([group, topic]) => {
        const { places, owners } = await groups.see(group, topic);
        return {
          group,
          topic,
          ends: places.map(({ end }) => end),
          behind: places.map(({ end, committed }) => end - committed),
          owners: together(owners),
        };
      }),
    );
  const askPage = async () => {
    const lanes = await lanesOf(page);
    return readers.map(([group, topic]) => {
      const said = Object.entries(lanes).flatMap(([name, lane]) =>
        name.startsWith(`${topic}/`) ? [lane] : [],
      );
      return {
        group,
        topic,
        ends: said.map(({ end }) => end),
        behind: said.map(({ readers }) => readers[group]?.behind),
        owners: together(said.map(({ readers }) => readers[group]?.through ?? null)),
      };
    });
  };
  const expectPageToShow = (then: Awaited<ReturnType<typeof askKafka>>) =>
    eventually(async () => expect(await askPage()).toEqual(then));
  const backToNow = () => page.getByRole('button', { name: 'Back to now' }).click();
  /** A moment since which, for two seconds, nothing but the time has changed: the page has heard of it by then. */
  const momentOfNow = async (): Promise<number> => {
    await page.getByRole('button', { name: 'Freeze the picture' }).click();
    await page.getByText(/The system goes on: ([2-9]|\d\d+) s/).waitFor();
    await backToNow();
    return Date.now();
  };

  test('a frozen picture stays as Kafka was, says how far it is behind, and goes on from now', async () => {
    await book('user_1');
    await eventually(async () =>
      expect(await sumOf(page)).toMatchObject({ confirmed: 1, mailed: 1, counted: 1 }),
    );
    const then = await askKafka();
    await expectPageToShow(then);
    await page.getByRole('button', { name: 'Freeze the picture' }).click();
    await pace('email', { paused: true });
    for (const n of [2, 3, 4]) await book(`user_${n}`);
    await eventually(async () =>
      expect(
        (await groups.see('analytics', 'ride_confirmed')).places.reduce(
          (sum, { end, committed }) => sum + end - committed,
          0,
        ),
      ).toBe(0),
    );
    await eventually(() => expect(it.log.on('ride_confirmed')).toHaveLength(4));
    await page.getByText(/The system goes on: \d+ s and 3 rides since then/).waitFor();
    await expectPageToShow(then);
    expect(await sumOf(page)).toMatchObject({ accepted: 1, confirmed: 1 });
    expect(await page.locator('.pill', { hasText: 'email-1' }).textContent()).not.toContain('paused');
    expect(await page.locator('.pill', { hasText: 'email-1' }).getByRole('button').count()).toBe(0);
    await backToNow();
    await eventually(async () => expect(await askPage()).toEqual(await askKafka()));
    await eventually(async () =>
      expect(await sumOf(page)).toMatchObject({ accepted: 4, confirmed: 4, mailed: 1 }),
    );
    await page.locator('.pill.paused', { hasText: 'email-1' }).waitFor();
  });

  test('the slider goes back to what Kafka said at a moment: ends, committed places, owners, the state of a decision', async () => {
    const paused = await askKafka();
    const lag = paused.find(({ group }) => group === 'email')?.behind.reduce((sum, n) => sum + n, 0);
    expect(lag).toBeGreaterThanOrEqual(3);
    const whilePaused = await momentOfNow();
    await pace('email', {});
    await pace('transaction', { step: true });
    const { id, stored } = await book('user_5');
    const decision = () => uncommitted.on('ride_confirmed').find(({ value }) => value?.id === id);
    await stepIntoTransaction(it.system.url('flow'));
    await eventually(() => expect(decision()).toBeDefined());
    const place = `ride_confirmed/${stored.partition}`;
    const offset = Number(decision()?.offset);
    await eventually(async () => expect(await markOf(page, place, offset)).toContain('open transaction'));
    await eventually(async () => expect((await lanesOf(page))[place]?.stable).toBe(offset));
    const whileOpen = await momentOfNow();
    await pace('transaction', {});
    await eventually(async () => expect(await markOf(page, place, offset)).toContain('committed'));
    await eventually(async () => expect(await sumOf(page)).toMatchObject({ confirmed: 5, mailed: 5 }));

    await goBackTo(page, whileOpen);
    await eventually(async () => expect((await lanesOf(page))[place]?.stable).toBe(offset));
    expect(await markOf(page, place, offset)).toContain('open transaction');
    await goBackTo(page, whilePaused);
    await expectPageToShow(paused);
    await page.locator('.pill.paused', { hasText: 'email-1' }).waitFor();
    expect(await sumOf(page)).toMatchObject({ accepted: 4, mailed: 1 });
    // By keyboard: a second on, and the end is now.
    const slider = page.getByRole('slider', { name: 'The moment that is shown' });
    const before = Number(await slider.inputValue());
    await slider.press('ArrowRight');
    await eventually(async () => expect(Number(await slider.inputValue())).toBeCloseTo(before + 1000, 0));
    await slider.press('End');
    await page.getByRole('button', { name: 'Freeze the picture' }).waitFor();
    await eventually(async () => expect(await askPage()).toEqual(await askKafka()));
  });

  /** Many rides of one customer: more than the page keeps. */
  const bookMany = async (most: number) => {
    const rides: Awaited<ReturnType<typeof book>>[] = [];
    for (let n = 0; n < most; n += 20)
      rides.push(...(await Promise.all(Array.from({ length: 20 }, () => book('user_7')))));
    return rides.sort((a, b) => Number(a.stored.offset) - Number(b.stored.offset));
  };
  const decisionOf = (id: string) => it.log.on('ride_confirmed').find(({ value }) => value?.id === id);
  /** Resolves when flow has read the request and the decision of a ride, and so all before them in their partitions. */
  const bothAreRead = (id: string) =>
    eventually(async () => {
      const request = it.log.on('ride_details').find(({ value }) => value?.id === id);
      for (const one of [request, decisionOf(id)]) {
        const lane = `${one?.topic}/${one?.partition}?from=${one?.offset}&to=${Number(one?.offset) + 1}`;
        const answer = await fetch(`${it.system.url('flow')}/api/lanes/${lane}`);
        expect(((await answer.json()) as OlderMarks).marks).toHaveLength(1);
      }
    });

  test('lanes scroll back over what is kept, and what is older is read from Kafka again', async () => {
    // It keeps the 200 messages that it read last, and reads partitions in any order: between the parts it gets to the end.
    const rides = await bookMany(60);
    await bothAreRead(rides.at(-1)?.id as string);
    const { id: declined } = await it.book({
      customer_id: 'user_7',
      location: { lat: 12.97, long: 77.59 },
      payment_token: 'tok_declined',
    });
    await bothAreRead(declined);
    rides.push(...(await bookMany(80)));
    await eventually(() => expect(rides.every(({ id }) => decisionOf(id))).toBe(true));
    await eventually(async () => expect(await askPage()).toEqual(await askKafka()));
    const [oldest] = rides as [(typeof rides)[number]];
    const { partition } = oldest.stored;
    const [requests, decisions] = [`ride_details/${partition}`, `ride_confirmed/${partition}`];
    const say = async (lane: string, offset: number, text: string) => {
      const slider = await goTo(page, lane, offset);
      await eventually(async () =>
        expect(await slider.getAttribute('aria-valuetext')).toMatch(new RegExp(`^Offset ${offset}: ${text}`)),
      );
    };

    // So many have come that one mark stood for several offsets.
    await eventually(async () => expect(await page.locator('.scale').count()).toBe(0));
    // Further back than the 64 that are drawn, and kept.
    const rejected = decisionOf(declined);
    const wrote = new Set(it.log.on('ride_confirmed').map((one) => `${one.partition}/${one.offset}`));
    const end = (await lanesOf(page))[decisions]?.end as number;
    expect(end).toBeGreaterThan(Number(rejected?.offset) + 64);
    const gap = Array.from({ length: end - 64 }, (_, offset) => offset).findLast(
      (offset) => !wrote.has(`${partition}/${offset}`),
    ) as number;
    await say(
      decisions,
      Number(rejected?.offset),
      'a rejected ride of user_7, committed, read by every reader',
    );
    await say(decisions, gap, 'a commit marker');
    await page.locator('.newer').waitFor();

    // By the pointer, ten marks back.
    const slider = page.locator(`[id="lane ${requests}"]`);
    const box = (await slider.boundingBox()) as { x: number; y: number };
    await page.mouse.move(box.x + 100, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 8);
    await page.mouse.move(box.x + 320, box.y + 8);
    await page.mouse.up();
    await page.getByRole('button', { name: /^10 newer/ }).click();
    await eventually(async () =>
      expect(await page.getByRole('button', { name: /^10 newer/ }).count()).toBe(0),
    );

    // Older than anything that is kept.
    await page.mouse.move(0, 0);
    await slider.focus();
    await page.keyboard.press('Home');
    for (let n = 0; n < Number(oldest.stored.offset); n++) await page.keyboard.press('ArrowRight');
    await eventually(async () =>
      expect(await slider.getAttribute('aria-valuetext')).toBe(
        `Offset ${oldest.stored.offset}: not among the messages that this page keeps. Choose it to read it.`,
      ),
    );
    await page.keyboard.press('Enter');
    const expectOld = async (ride: (typeof rides)[number]) => {
      await page.getByText('read from Kafka again').waitFor();
      const decision = decisionOf(ride.id);
      await eventually(async () =>
        expect(await page.locator('.summary').textContent()).toContain(
          `of customer user_7, confirmed, ${decision?.value?.alloted_driver} in`,
        ),
      );
      expect(await page.locator('.whole-id').textContent()).toBe(ride.id);
      await eventually(async () =>
        expect(await stepsOf(page)).toEqual(
          expect.arrayContaining([
            `done stored ${requests}/${ride.stored.offset}`,
            `done decided ${decisions}/${decision?.offset}`,
            `done committed ${decisions}/${decision?.offset}`,
          ]),
        ),
      );
    };
    await expectOld(oldest);
    // By its id, from nothing.
    await page.goto(`${it.system.url('flow')}/rides/${rides[1]?.id}`);
    await expectOld(rides[1] as (typeof rides)[number]);
    // What Kafka has deleted is said to be so.
    const before = Number(rides[4]?.stored.offset);
    await control('POST', '/expire', { topic: 'ride_details', partition, before });
    await page.goto(`${it.system.url('flow')}/rides/${rides[2]?.id}`);
    await page.getByText('Kafka no longer keeps all messages of that time').waitFor();
    await page.goto(`${it.system.url('flow')}/rides/${rides[5]?.id}`);
    await expectOld(rides[5] as (typeof rides)[number]);
  });

  test('a ride is played step by step at the places where Kafka has its messages, while the picture stands still', async () => {
    const { id, stored } = await book('user_8');
    await eventually(() => expect(it.mailbox.about(id)).toHaveLength(1));
    await eventually(() => expect(decisionOf(id)).toBeDefined());
    await page.goto(`${it.system.url('flow')}/rides/${id}`);
    await page.locator('.timeline > li.done', { hasText: 'mailed' }).waitFor();
    await page.locator('.timeline > li.done', { hasText: 'counted' }).waitFor();
    const then = await askKafka();
    await expectPageToShow(then);
    await page.getByRole('button', { name: 'Play slowly' }).click();
    const scrubber = page.getByRole('slider', { name: 'Step of this ride' });
    await page.getByRole('button', { name: /^(Hold|Play)$/ }).click(); // “Play” where it has come to its end
    await scrubber.press('Home');
    const token = page.locator('.token');
    await token.waitFor({ state: 'attached' });
    expect(await page.evaluate("getComputedStyle(document.querySelector('.token')).transitionDuration")).toBe(
      '0s',
    );
    const places: (string | null)[] = [];
    for (let n = 0; n < 7; n++) {
      await page
        .getByRole('status')
        .filter({ hasText: new RegExp(`^${n + 1} of 7`) })
        .waitFor();
      places.push(await token.getAttribute('data-at'));
      await scrubber.press('ArrowRight');
    }
    const decision = decisionOf(id);
    const [request, outcome] = [
      `ride_details/${stored.partition}/${stored.offset}`,
      `ride_confirmed/${decision?.partition}/${decision?.offset}`,
    ];
    expect(places.slice(0, 5)).toEqual(['rides', request, 'transaction', outcome, outcome]);
    expect(places.slice(5).sort()).toEqual(['analytics', 'email']);
    // Where its last message is drawn.
    const at = {
      token: await token.boundingBox(),
      lane: await page.locator(`[id="lane ride_confirmed/${decision?.partition}"]`).boundingBox(),
    };
    expect(at.token?.x).toBeGreaterThan(at.lane?.x ?? 0);
    await book('user_9');
    await page.getByText(/The system goes on: \d+ s and 1 ride since then/).waitFor();
    await expectPageToShow(then);
    await page.getByRole('button', { name: 'End', exact: true }).click();
    await eventually(async () => expect(await askPage()).toEqual(await askKafka()));
    await eventually(async () => expect(await token.count()).toBe(0));
  });

  test('one more ride of the same customer is booked, and their rides stand side by side in the order of Kafka', async () => {
    const { id } = await book('user_10');
    await page.goto(`${it.system.url('flow')}/rides/${id}`);
    await page.getByRole('button', { name: 'Book again for user_10' }).click();
    const of = () => it.log.on('ride_details').filter(({ value }) => value?.customer_id === 'user_10');
    await eventually(() => expect(of()).toHaveLength(2));
    await page.waitForURL((url) => url.pathname === `/rides/${of()[1]?.value?.id}`);
    await page.getByRole('button', { name: 'Compare with other rides of user_10' }).click();
    const columns = page.getByRole('dialog', { name: 'Rides of user_10' }).locator('.columns > section');
    await eventually(async () => expect(await columns.count()).toBe(2));
    for (const [n, { value, partition, offset }] of of().entries()) {
      const column = columns.nth(n);
      await column.getByRole('button', { name: `ride ${String(value?.id).slice(-4)}` }).waitFor();
      await column
        .getByRole('button', { name: `ride_details/${partition}/${offset}` })
        .first()
        .waitFor();
      const decision = await eventually(() => {
        const found = decisionOf(String(value?.id));
        expect(found).toBeDefined();
        return found;
      });
      await column.getByText(`confirmed, ${decision?.value?.alloted_driver} in`).waitFor();
    }
    await page.keyboard.press('Escape');
    await eventually(async () => expect(await columns.count()).toBe(0));
  });
});
